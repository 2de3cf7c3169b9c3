package org.m365connector.auth.portal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class IntrexxVersionTest {

    @Test
    void versionsBefore10dot4AreTooOld() {
        for (String old : new String[] {"10.3.9", "10.3", "9.99.99", "8.0.0-OU1"}) {
            assertThat(IntrexxVersion.of(old).isTooOld()).as(old).isTrue();
        }
        for (String fine : new String[] {"10.4.0", "10.4", "10.10.0", "11.0.0", "12.0.1-beta", "10.4.0.2"}) {
            assertThat(IntrexxVersion.of(fine).isTooOld()).as(fine).isFalse();
        }
    }

    @Test
    void whatIsNoVersionIsRefused() {
        for (String wrong : new String[] {"", "ten", "10", "v10.4.0", "99999999999.1.1"}) {
            assertThatThrownBy(() -> IntrexxVersion.of(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
