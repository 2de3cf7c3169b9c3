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
 *   (pending) ── posting ──▶ (posted, id not known) ── 201 ─────────────────────────▶ active ──┐
 *       ▲                            │ refused                                  renewed ▲─────────┤
 *       └────────────────────────────┴──────────────── 404: gone, subscriptionRemoved ────────────┘
 * </pre>
 *
 * One whose notifications do not come is deleted and made anew; if that does not help it is kept, but its container is polled until
 * they come again.
 *
 * <p>One that reports to where the door was before is brought to where it is: Graph is given the new address and calls there, and only
 * then is it made anew, since the address for lifecycle notifications cannot be changed.
 *
 * <p>One whose post got no answer is never adopted, since Graph does not tell whose mark it carries: it is deleted, and made anew.
 */
@Entity
@Table(name = "subscription")
class KeptSubscription {
    /** Graph warns some time before it holds notifications back. */
    private static final Duration SOON = Duration.ofMinutes(5);

    private static final int HEARD_AGAIN = 3;

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

    /** Whether Graph was asked for notifications with content when it was made. */
    boolean rich;

    /** The key that Graph encrypts them for. */
    @Column(name = "certificate_id")
    String certificateId;

    /** To which address Graph sends its notifications; not known of those of before. */
    @Column(name = "notification_url")
    private String notificationUrl;

    /** Rounds by the timer, one after the other, that found what no notification had told. */
    private int misses;

    /** To be deleted and made anew. */
    private boolean replacing;

    /** As good as none: too much was missed even after it was made anew. */
    private boolean distrusted;

    /** Notifications that have led to a round since. */
    private int heard;

    /** When Graph was shown a fresh token last. */
    @Column(name = "renewed_at")
    private Instant renewedAt;

    /** Graph may have kept quiet about changes. */
    private boolean suspect;

    @Column(name = "next_attempt_at")
    private Instant nextAttemptAt;

    int attempts;
    String problem;

    /** When the lease ends is the database's alone, by whose clock it is compared. */
    @Column(name = "lease_owner")
    private String leaseOwner;

    Optional<String> graphId() {
        return Optional.ofNullable(graphId);
    }

    Optional<Instant> expiresAt() {
        return Optional.ofNullable(expiresAt);
    }

    Instant nextAttemptAt() {
        return nextAttemptAt;
    }

    void requireLease(String owner) {
        if (!owner.equals(leaseOwner)) {
            throw new LeaseLostException("subscription of container " + containerId);
        }
    }

    /**
     * Graph has it, and knows it.
     *
     * @return whether changes may have been missed before
     */
    boolean alive(String id, Instant expires, String reportsTo, Instant renewAt, Instant now) {
        boolean missed = suspect || !id.equals(graphId);
        suspect = false;
        renewedAt = now;
        graphId = id;
        expiresAt = expires;
        notificationUrl = reportsTo;
        posted = false;
        nextAttemptAt = renewAt;
        attempts = 0;
        problem = null;
        release();
        return missed;
    }

    /** Graph lets it live until then. */
    void lives(Instant expires) {
        expiresAt = expires;
    }

    /** Whether it was made for an address that our door has left. */
    boolean reportsElsewhere(String door) {
        return graphId != null && notificationUrl != null && !notificationUrl.equals(door);
    }

    boolean replacing() {
        return replacing;
    }

    boolean distrusted() {
        return distrusted;
    }

    /** Whether so much was missed that somebody should know. */
    boolean missesTooMuch(int most) {
        return distrusted || misses >= most;
    }

    /** A notification has led to a round. */
    void heard(boolean found) {
        if (distrusted) {
            heard++;
            distrusted = heard < HEARD_AGAIN;
            misses = distrusted ? misses : 0;
        } else if (found) {
            misses = 0;
        }
    }

    /**
     * A round by the timer has found what no notification had told. A single one may have been faster than its notification; when it
     * is so again and again, the subscription is made anew, and when that does not help, it is not relied on.
     *
     * @param most so many are too many
     */
    void missed(int most, Instant now) {
        if (graphId == null || distrusted) {
            return;
        }
        misses++;
        if (misses == most) {
            replacing = true;
            renewNow(now);
        } else if (misses >= 2 * most) {
            distrusted = true;
            heard = 0;
        }
    }

    /** Graph no longer has it. */
    void gone(Instant now) {
        graphId = null;
        expiresAt = null;
        posted = false;
        replacing = false;
        due(now);
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
        suspect = true;
        problem = why;
        nextAttemptAt = again;
        release();
    }

    /**
     * Graph wants to see a fresh token. It sends notifications on for as long as that is done soon, so only who was asked long ago
     * may have missed some; and it asks several times.
     *
     * @param asked when it asked
     */
    void reauthorise(Instant asked, Instant now) {
        if (renewedAt != null && asked.isBefore(renewedAt)) {
            return;
        }
        if (asked.plus(SOON).isBefore(now)) {
            suspect = true;
        }
        renewNow(now);
    }

    /** The next renewal is due now; one that fails keeps its pause, which Graph may have asked for. */
    private void renewNow(Instant now) {
        if (attempts == 0) {
            nextAttemptAt = now;
        }
    }

    /** It is to be looked after now, and changes may have been missed. */
    void due(Instant now) {
        suspect = true;
        renewNow(now);
    }

    /** Another watch carries the container from now on. */
    void carriedBy(String watch, Instant now) {
        watchId = watch;
        attempts = 0;
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
    }
}
