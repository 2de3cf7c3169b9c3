package org.m365connector.sync.watch;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Optional;

/**
 * A watch as the API shows it.
 *
 * @param state {@code pending} until it is set up, its subscription made and its first round over; then {@code active};
 *     {@code refused} with a problem where it cannot work; {@code gone} with one where what it watches is not at Graph
 *     any more; {@code paused} while the portal is not entitled to it; {@code ending}
 * @param container path at Graph, once it is found
 * @param sync how far the container has been read as a whole, once it is found: the present look at all of it, or the last
 * @param lag notifications that no round has answered yet
 */
public record WatchView(
        String id,
        String portal,
        String registration,
        WatchKind kind,
        WatchedThing resource,
        Optional<String> portaluser,
        Optional<String> account,
        Optional<JsonNode> filter,
        boolean content,
        boolean includeOwn,
        boolean richNotifications,
        String state,
        Optional<String> problem,
        Instant createdAt,
        Optional<String> container,
        Optional<SubscriptionView> subscription,
        Optional<Updates> updates,
        Optional<SyncView> sync,
        Optional<Instant> lastNotificationAt,
        Optional<Instant> lastRoundAt,
        boolean lag) {

    /** @param state {@code pending} or {@code active}; a watch without one is polled only */
    public record SubscriptionView(
            String state, Optional<String> id, Optional<Instant> expiresAt, Optional<String> problem) {}

    /**
     * The same as {@code watch-progressed.v1} tells.
     *
     * @param sync {@code first}, or {@code full} where everything had to be compared once more
     * @param done whether it is over
     * @param items things that have been looked at
     * @param parts of a watch of many containers: those that have been found so far
     */
    public record SyncView(
            String sync,
            boolean done,
            int pages,
            long items,
            Instant begunAt,
            Optional<Instant> endedAt,
            Optional<PartsView> parts) {}

    /**
     * All parts together.
     *
     * @param done how many of them are synchronised
     */
    public record PartsView(long all, long done, long pages, long items) {}
}
