package org.m365connector.sync.watch;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Duration;
import java.time.Instant;

/**
 * How often in a row something in a container, which itself could be read, was answered with a 404 that is nobody's. Once that may be a
 * gateway's; for so long it is what Graph says of a thing that is not there, and nothing else in the container is told meanwhile.
 */
@Embeddable
public class Silence {
    /** A count that nobody went on with for so long says nothing of today. */
    private static final Duration WORTH_SOMETHING = Duration.ofHours(1);

    @Column(name = "silent_looks")
    private int looks;

    @Column(name = "silent_at")
    private Instant lookedAt;

    /**
     * Answered so once more. One of several looks that are close together counts.
     *
     * @param apart so far from each other they must be
     * @return how many of them there were
     */
    public int heard(Instant now, Duration apart) {
        if (lookedAt == null || now.isAfter(lookedAt.plus(WORTH_SOMETHING))) {
            looks = 1;
            lookedAt = now;
        } else if (!now.isBefore(lookedAt.plus(apart))) {
            looks++;
            lookedAt = now;
        }
        return looks;
    }

    void over() {
        looks = 0;
        lookedAt = null;
    }
}
