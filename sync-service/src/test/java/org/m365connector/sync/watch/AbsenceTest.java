package org.m365connector.sync.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AbsenceTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final Duration APART = Duration.ofMinutes(1);

    private static final String ADA = "watch-of-ada";

    private final Absence absence = new Absence();

    @Test
    void looksThatAreCloseTogetherCountAsOne() {
        assertThat(absence.notFound(ADA, NOW, APART)).isEqualTo(1);
        assertThat(absence.notFound(ADA, NOW.plusSeconds(1), APART)).isEqualTo(1);
        assertThat(absence.notFound(ADA, NOW.plusSeconds(59), APART)).isEqualTo(1);
        assertThat(absence.notFound(ADA, NOW.plusSeconds(60), APART)).isEqualTo(2);
        assertThat(absence.notFound(ADA, NOW.plusSeconds(61), APART)).isEqualTo(2);
        assertThat(absence.notFound(ADA, NOW.plusSeconds(500), APART)).isEqualTo(3);
        assertThat(absence.isNone()).isFalse();
        assertThat(absence.isGone()).isFalse();
    }

    @Test
    void anotherAnswerMeansToBeginAnew() {
        absence.notFound(ADA, NOW, APART);
        absence.notFound(ADA, NOW.plus(APART), APART);
        absence.doubted();
        assertThat(absence.isNone()).isTrue();
        assertThat(absence.notFound(ADA, NOW.plusSeconds(300), APART)).isEqualTo(1);
    }

    @Test
    void whatIsGoneIsBackOnlyWhenItIsShown() {
        absence.notFound(ADA, NOW, APART);
        absence.gone(NOW);
        absence.doubted();
        assertThat(absence.isGone()).isTrue();
        absence.back();
        assertThat(absence.isNone()).isTrue();
    }

    @Test
    void whoHasLookedIsKnownUntilSomebodyFindsIt() {
        absence.notFound(ADA, NOW, APART);
        absence.notFound(ADA, NOW.plus(APART), APART);
        assertThat(absence.lookedFor(ADA)).isTrue();
        assertThat(absence.lookedFor("watch-of-ben")).isFalse();
        absence.notFound("watch-of-ben", NOW.plus(APART), APART);
        assertThat(absence.lookedFor("watch-of-ben")).isTrue();
        absence.doubted();
        assertThat(absence.lookedFor(ADA)).isFalse();
    }
}
