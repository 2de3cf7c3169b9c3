package org.m365connector.sync.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SilenceTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final Duration APART = Duration.ofMinutes(1);

    private final Silence silence = new Silence();

    private int heard(int second) {
        return silence.heard(NOW.plusSeconds(second), APART);
    }

    @Test
    void looksThatAreCloseTogetherCountAsOne() {
        assertThat(heard(0)).isEqualTo(1);
        assertThat(heard(1)).isEqualTo(1);
        assertThat(heard(59)).isEqualTo(1);
        assertThat(heard(60)).isEqualTo(2);
        assertThat(heard(119)).isEqualTo(2);
        assertThat(heard(120)).isEqualTo(3);
    }

    @Test
    void countBeginsAnewAfterARoundThatCameToItsEndAndWhereNobodyWentOnWithIt() {
        heard(0);
        assertThat(heard(60)).isEqualTo(2);
        assertThat(heard(60 + 3601)).isEqualTo(1);
        assertThat(heard(60 + 3661)).isEqualTo(2);

        silence.over();

        assertThat(heard(60 + 3721)).isEqualTo(1);
    }
}
