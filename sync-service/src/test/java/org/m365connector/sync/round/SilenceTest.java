package org.m365connector.sync.round;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SilenceTest {
    private static final Instant NOW = Instant.parse("2026-12-01T10:00:00Z");
    private static final Duration APART = Duration.ofMinutes(1);

    private final Silence silence = Silence.of(1, "thing", NOW);

    private boolean counts(int second) {
        return silence.heard(NOW.plusSeconds(second), APART);
    }

    @Test
    void looksThatAreCloseTogetherCountAsOne() {
        assertThat(silence.looks).isEqualTo(1);
        assertThat(counts(1)).isFalse();
        assertThat(counts(59)).isFalse();
        assertThat(counts(60)).isTrue();
        assertThat(counts(119)).isFalse();
        assertThat(silence.looks).isEqualTo(2);
        assertThat(counts(125)).isTrue();
        assertThat(silence.looks).isEqualTo(3);
    }

    /** However long nobody has asked: those that come then are a minute apart, too. */
    @Test
    void eachIsSoFarFromTheOneBefore() {
        assertThat(counts(600)).isTrue();
        assertThat(counts(601)).isFalse();
        assertThat(counts(659)).isFalse();
        assertThat(counts(660)).isTrue();
        assertThat(silence.looks).isEqualTo(3);
    }
}
