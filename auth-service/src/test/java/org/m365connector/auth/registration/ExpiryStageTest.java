package org.m365connector.auth.registration;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExpiryStageTest {

    private static final Instant END = Instant.parse("2026-11-28T12:00:00Z");

    @Test
    void eachStageComesOnceAndEachIsMoreUrgentThanTheOneBefore() {
        List<ExpiryStage> come = new ArrayList<>();
        for (Instant now = END.minus(Duration.ofDays(40));
                now.isBefore(END.plus(Duration.ofDays(2)));
                now = now.plus(Duration.ofHours(1))) {
            ExpiryStage.of(END, now).filter(stage -> !come.contains(stage)).ifPresent(come::add);
        }

        assertThat(come).containsExactly(ExpiryStage.MONTH, ExpiryStage.WEEK, ExpiryStage.DAY, ExpiryStage.OVER);
        assertThat(come.stream().map(ExpiryStage::urgency)).isSorted().doesNotContain(0);
    }

    @Test
    void theStagesBeginToTheSecond() {
        assertThat(ExpiryStage.of(END, END.minus(Duration.ofDays(30)).minusSeconds(1)))
                .isEmpty();
        assertThat(ExpiryStage.of(END, END.minus(Duration.ofDays(30)))).isEqualTo(Optional.of(ExpiryStage.MONTH));
        assertThat(ExpiryStage.of(END, END.minus(Duration.ofDays(7)))).isEqualTo(Optional.of(ExpiryStage.WEEK));
        assertThat(ExpiryStage.of(END, END.minus(Duration.ofDays(1)))).isEqualTo(Optional.of(ExpiryStage.DAY));
        assertThat(ExpiryStage.of(END, END.minusSeconds(1))).isEqualTo(Optional.of(ExpiryStage.DAY));
        assertThat(ExpiryStage.of(END, END)).isEqualTo(Optional.of(ExpiryStage.OVER));
    }
}
