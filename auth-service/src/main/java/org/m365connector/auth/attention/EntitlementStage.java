package org.m365connector.auth.attention;

import java.time.Duration;
import java.time.Instant;
import org.m365connector.events.Entitlement;

/** How near an entitlement is to its end. */
enum EntitlementStage {
    /** Nobody has to do anything yet. */
    FAR(0),
    /** A month: time for an order. */
    ENDING(1),
    /** A week: told once more. */
    ENDING_SOON(2),
    OVER(0);

    private static final Duration MONTH = Duration.ofDays(30);
    private static final Duration WEEK = Duration.ofDays(7);

    private final int urgency;

    EntitlementStage(int urgency) {
        this.urgency = urgency;
    }

    /** Told again only where it is higher than before. */
    int urgency() {
        return urgency;
    }

    static EntitlementStage of(Entitlement entitlement, Instant now) {
        if (entitlement.until().isEmpty()) {
            return FAR;
        }
        if (entitlement.isOver(now)) {
            return OVER;
        }
        Duration left = Duration.between(now, entitlement.until().get());
        if (left.compareTo(WEEK) <= 0) {
            return ENDING_SOON;
        }
        return left.compareTo(MONTH) <= 0 ? ENDING : FAR;
    }
}
