package org.m365connector.auth.registration;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** How near a credential's end is; each is told once. */
enum ExpiryStage {
    MONTH(Duration.ofDays(30), 1),
    WEEK(Duration.ofDays(7), 2),
    DAY(Duration.ofDays(1), 3),
    OVER(Duration.ZERO, 4);

    private final Duration before;
    private final int urgency;

    ExpiryStage(Duration before, int urgency) {
        this.before = before;
        this.urgency = urgency;
    }

    /** Empty while the end is far. */
    static Optional<ExpiryStage> of(Instant end, Instant now) {
        Optional<ExpiryStage> latest = Optional.empty();
        for (ExpiryStage stage : values()) {
            if (!now.isBefore(end.minus(stage.before))) {
                latest = Optional.of(stage);
            }
        }
        return latest;
    }

    /** A credential that ends until then has come as near as this. */
    Instant reach(Instant now) {
        return now.plus(before);
    }

    /** Rises with every stage. */
    int urgency() {
        return urgency;
    }
}
