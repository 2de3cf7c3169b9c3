package org.m365connector.auth.attention;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.events.Entitlement;

class EntitlementStageTest {

    private static final Instant END = Instant.parse("2027-01-01T00:00:00Z");

    @Test
    void aMonthAndAWeekAheadAndAtItsEndItIsTold() {
        assertThat(before(Duration.ofDays(30).plusNanos(1))).isEqualTo(EntitlementStage.FAR);
        assertThat(before(Duration.ofDays(30))).isEqualTo(EntitlementStage.ENDING);
        assertThat(before(Duration.ofDays(7).plusNanos(1))).isEqualTo(EntitlementStage.ENDING);
        assertThat(before(Duration.ofDays(7))).isEqualTo(EntitlementStage.ENDING_SOON);
        assertThat(before(Duration.ofNanos(1))).isEqualTo(EntitlementStage.ENDING_SOON);
        assertThat(before(Duration.ZERO)).isEqualTo(EntitlementStage.OVER);
        assertThat(before(Duration.ofDays(-900))).isEqualTo(EntitlementStage.OVER);
    }

    @Test
    void whatNeverEndsIsNeverNear() {
        assertThat(EntitlementStage.of(Entitlement.UNLIMITED, Instant.MAX)).isEqualTo(EntitlementStage.FAR);
    }

    private static EntitlementStage before(Duration left) {
        Entitlement entitlement =
                new Entitlement(Optional.empty(), Optional.of(END), Optional.empty(), Optional.empty());
        return EntitlementStage.of(entitlement, END.minus(left));
    }
}
