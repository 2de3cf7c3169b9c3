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
        Optional<Instant> lastNotificationAt,
        Optional<Instant> lastRoundAt,
        boolean lag) {

    /** @param state {@code pending} or {@code active}; a watch without one is polled only */
    public record SubscriptionView(
            String state, Optional<String> id, Optional<Instant> expiresAt, Optional<String> problem) {}
}
