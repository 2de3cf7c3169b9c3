package org.m365connector.local.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PlatformTest {

    @Test
    void onlyLinuxOnAmd64HasThePostgresThatComesWithUs() {
        assertThat(new Platform("Linux", "amd64").hasPostgres()).isTrue();
        assertThat(new Platform("Linux", "aarch64").hasPostgres()).isFalse();
        assertThatThrownBy(() -> new Platform("Mac OS X", "aarch64").requirePostgres())
                .isInstanceOf(LocalException.class)
                .hasMessageContaining("This is Mac OS X on aarch64")
                .hasMessageContaining("docker-compose.yml");
    }
}
