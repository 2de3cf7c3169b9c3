package org.m365connector.sync.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AbsenceTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final Duration APART = Duration.ofMinutes(1);

    private static final String ADA = "watch-of-ada";

    private final Absence absence = new Absence();

    private int notFound(String watch, Instant now) {
        return absence.notFound(watch, now, APART, Optional.of(NOW.minusSeconds(60)));
    }

    @Test
    void looksThatAreCloseTogetherCountAsOne() {
        assertThat(notFound(ADA, NOW)).isEqualTo(1);
        assertThat(notFound(ADA, NOW.plusSeconds(1))).isEqualTo(1);
        assertThat(notFound(ADA, NOW.plusSeconds(59))).isEqualTo(1);
        assertThat(notFound(ADA, NOW.plusSeconds(60))).isEqualTo(2);
        assertThat(notFound(ADA, NOW.plusSeconds(61))).isEqualTo(2);
        assertThat(notFound(ADA, NOW.plusSeconds(500))).isEqualTo(3);
        assertThat(absence.isNone()).isFalse();
        assertThat(absence.isGone()).isFalse();
    }

    @Test
    void anotherAnswerMeansToBeginAnew() {
        notFound(ADA, NOW);
        notFound(ADA, NOW.plus(APART));
        absence.doubted();
        assertThat(absence.isNone()).isTrue();
        assertThat(notFound(ADA, NOW.plusSeconds(300))).isEqualTo(1);
    }

    @Test
    void whatIsGoneIsBackOnlyWhenItIsShown() {
        notFound(ADA, NOW);
        absence.gone(NOW);
        absence.doubted();
        assertThat(absence.isGone()).isTrue();
        absence.back();
        assertThat(absence.isNone()).isTrue();
    }

    @Test
    void whoHasLookedIsKnownUntilSomebodyFindsIt() {
        notFound(ADA, NOW);
        notFound(ADA, NOW.plus(APART));
        assertThat(absence.lookedFor(ADA)).isTrue();
        assertThat(absence.lookedFor("watch-of-ben")).isFalse();
        notFound("watch-of-ben", NOW.plus(APART));
        assertThat(absence.lookedFor("watch-of-ben")).isTrue();
        absence.doubted();
        assertThat(absence.lookedFor(ADA)).isFalse();
    }

    @Test
    void countThatWasLeftBehindByAReplicaThatDoesNotKnowOfItIsBegunAnew() {
        notFound(ADA, NOW);
        notFound(ADA, NOW.plus(APART));

        // It has read the container since.
        Instant later = NOW.plus(APART.multipliedBy(3));
        assertThat(absence.notFound("watch-of-ben", later, APART, Optional.of(NOW.plus(APART.multipliedBy(2)))))
                .isEqualTo(1);
        assertThat(absence.lookedFor(ADA)).isFalse();
        assertThat(notFound(ADA, later.plus(APART))).isEqualTo(2);
    }

    @Test
    void countThatNobodyWentOnWithIsBegunAnew() {
        notFound(ADA, NOW);
        notFound(ADA, NOW.plus(APART));
        Instant last = NOW.plus(Duration.ofHours(1));
        assertThat(notFound(ADA, last)).isEqualTo(3);
        assertThat(notFound(ADA, last.plus(Duration.ofHours(1)).plusSeconds(1))).isEqualTo(1);
    }
}
