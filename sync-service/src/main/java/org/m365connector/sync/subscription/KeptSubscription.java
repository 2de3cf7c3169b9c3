package org.m365connector.sync.subscription;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.m365connector.sync.work.LeaseLostException;

/**
 * A container's subscription.
 *
 * <pre>
 *   (pending) ── posting ──▶ (posted, id not known) ── 201, or found in Graph's list ──▶ active ──┐
 *       ▲                            │ refused                                  renewed ▲─────────┤
 *       └────────────────────────────┴──────────────── 404: gone, subscriptionRemoved ────────────┘
 * </pre>
 */
@Entity
@Table(name = "subscription")
class KeptSubscription {
    @Id
    @Column(name = "container_id")
    Long containerId;

    @Column(name = "watch_id")
    String watchId;

    @Column(name = "graph_id")
    private String graphId;

    @Column(name = "expires_at")
    private Instant expiresAt;

    @Column(name = "life_minutes")
    int lifeMinutes;

    boolean posted;

    @Column(name = "next_attempt_at")
    private Instant nextAttemptAt;

    int attempts;
    String problem;

    @Column(name = "lease_owner")
    private String leaseOwner;

    @Column(name = "lease_expires_at")
    private Instant leaseExpiresAt;

    Optional<String> graphId() {
        return Optional.ofNullable(graphId);
    }

    Optional<Instant> expiresAt() {
        return Optional.ofNullable(expiresAt);
    }

    void requireLease(String owner) {
        if (!owner.equals(leaseOwner)) {
            throw new LeaseLostException("subscription of container " + containerId);
        }
    }

    void alive(String id, Instant expires, Instant renewAt) {
        graphId = id;
        expiresAt = expires;
        posted = false;
        nextAttemptAt = renewAt;
        attempts = 0;
        problem = null;
        release();
    }

    /** Graph no longer has it. */
    void gone(Instant now) {
        graphId = null;
        expiresAt = null;
        posted = false;
        nextAttemptAt = now;
        release();
    }

    /** Graph allows no longer life. */
    void shorten(int minutes, Instant now) {
        lifeMinutes = minutes;
        posted = false;
        nextAttemptAt = now;
        release();
    }

    void failed(String why, Instant again) {
        attempts++;
        problem = why;
        nextAttemptAt = again;
        release();
    }

    /** The next renewal is due now. */
    void due(Instant now) {
        nextAttemptAt = now;
    }

    /** Another watch carries the container from now on. */
    void carriedBy(String watch, Instant now) {
        watchId = watch;
        gone(now);
    }

    static int shorter(int minutes, Optional<Integer> allowed) {
        return Math.max(1, allowed.filter(bound -> bound < minutes).orElse(minutes / 2));
    }

    static Instant renewal(Instant now, Duration left, double part) {
        return now.plusMillis(Math.max(1_000, (long) (left.toMillis() * part)));
    }

    private void release() {
        leaseOwner = null;
        leaseExpiresAt = null;
    }
}
