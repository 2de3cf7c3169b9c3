package org.m365connector.sync.delivery;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.m365connector.events.PortalId;
import org.m365connector.sync.work.Backoff;
import org.m365connector.sync.work.LeaseLostException;

/**
 * How a portal gets its events, and how it takes them. One worker at a time pushes to a portal, under a lease; whoever changes
 * anything here, or adds an event, locks this row first.
 *
 * <p>A portal that is away is left in peace as a whole, so that a thousand waiting events are not a thousand calls to it; an event
 * that it does not take holds up its own key only.
 */
@Entity
class Delivery {
    /** So many calls in vain, one after the other, and the portal is away. */
    private static final int AWAY_AFTER = 3;

    @Id
    String portal;

    private String url;

    @Column(name = "api_key")
    private byte[] apiKey;

    private String topics;

    @Column(name = "created_at")
    Instant createdAt;

    /** Of the portal's record when this was set last; null where that is not known. */
    @Column(name = "portal_version")
    private Long portalVersion;

    @Column(name = "due_at")
    private Instant dueAt;

    @Column(name = "paused_until")
    private Instant pausedUntil;

    private int away;
    private String problem;

    @Column(name = "last_delivered_at")
    private Instant lastDeliveredAt;

    /** When the lease ends is the database's alone, by whose clock it is compared. */
    @Column(name = "lease_owner")
    private String leaseOwner;

    PortalId portal() {
        return new PortalId(portal);
    }

    Optional<Long> portalVersion() {
        return Optional.ofNullable(portalVersion);
    }

    /** Where nobody knows in which life of the portal it was set, it was in this one. */
    void noteLife(long version) {
        if (portalVersion == null) {
            portalVersion = version;
        }
    }

    /** Whether it was set in a life of the portal that ended with this version. */
    boolean isOfLifeUntil(long end) {
        return portalVersion != null && portalVersion < end;
    }

    Optional<String> url() {
        return Optional.ofNullable(url);
    }

    Optional<byte[]> apiKey() {
        return Optional.ofNullable(apiKey);
    }

    List<String> topics() {
        return Arrays.asList(topics.split(",", -1));
    }

    Optional<Instant> pausedUntil() {
        return Optional.ofNullable(pausedUntil);
    }

    Optional<Instant> lastDeliveredAt() {
        return Optional.ofNullable(lastDeliveredAt);
    }

    Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /**
     * Whoever pushes to the address of before loses his lease.
     *
     * @param version of the portal's record
     */
    void set(
            Optional<String> newUrl,
            Optional<byte[]> newKey,
            Set<DeliveredTopic> wanted,
            Optional<Long> version,
            Instant now) {
        portalVersion = version.orElse(null);
        url = newUrl.orElse(null);
        apiKey = newKey.orElse(null);
        topics = wanted.stream().map(DeliveredTopic::word).collect(Collectors.joining(","));
        away = 0;
        problem = null;
        pausedUntil = null;
        dueAt = now;
        leaseOwner = null;
    }

    void requireLease(String owner) {
        if (!owner.equals(leaseOwner)) {
            throw new LeaseLostException("delivery of portal " + portal);
        }
    }

    /** There is something to push. */
    void due(Instant now) {
        Instant earliest = pausedUntil != null && pausedUntil.isAfter(now) ? pausedUntil : now;
        if (dueAt == null || dueAt.isAfter(earliest)) {
            dueAt = earliest;
        }
    }

    void taken(Instant now) {
        away = 0;
        problem = null;
        pausedUntil = null;
        lastDeliveredAt = now;
    }

    /** It answered, though not as we would like. */
    void refused(Answer answer) {
        away = 0;
        problem = answer.words();
    }

    void away(Answer.Away answer, Instant now, Backoff backoff) {
        away++;
        problem = answer.words();
        if (answer.retryAfter().isPresent()) {
            pausedUntil = now.plus(answer.retryAfter().get());
        } else if (away >= AWAY_AFTER) {
            pausedUntil = now.plus(backoff.after(away - AWAY_AFTER + 1));
        }
    }

    boolean paused(Instant now) {
        return pausedUntil != null && pausedUntil.isAfter(now);
    }

    /** Nobody pushes to it for now. */
    void rest(Optional<Instant> nextEvent, Instant now) {
        // Never in the past: behind the others who wait for a worker.
        Instant earliest = paused(now) ? pausedUntil : now;
        dueAt = nextEvent.map(next -> next.isAfter(earliest) ? next : earliest).orElse(null);
        leaseOwner = null;
    }

    /** It may not be called at all. */
    void forbidden(String why, Instant again) {
        problem = why;
        dueAt = again;
        leaseOwner = null;
    }
}
