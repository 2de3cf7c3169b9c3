package org.m365connector.sync.round;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;

/**
 * A thing in a container that was asked for, and of which nothing was heard since but 404s that are nobody's ({@link
 * Whereabouts#isNobodys}). One of them may be a gateway's, or of a moment.
 */
@Entity
@IdClass(Silence.Key.class)
class Silence {

    record Key(Long containerId, String resourceId) implements Serializable {}

    @Id
    @Column(name = "container_id")
    Long containerId;

    @Id
    @Column(name = "resource_id")
    String resourceId;

    /** How many of them there were. */
    int looks;

    /** When one counted last. */
    @Column(name = "counted_at")
    Instant countedAt;

    /** The first time. */
    static Silence of(long containerId, String resourceId, Instant now) {
        Silence silence = new Silence();
        silence.containerId = containerId;
        silence.resourceId = resourceId;
        silence.looks = 1;
        silence.countedAt = now;
        return silence;
    }

    /**
     * Answered so once more.
     *
     * @param apart so far from the one before it must be
     * @return whether it counts
     */
    boolean heard(Instant now, Duration apart) {
        if (now.isBefore(countedAt.plus(apart))) {
            return false;
        }
        looks++;
        countedAt = now;
        return true;
    }
}
