package org.m365connector.events;

import java.util.List;

/**
 * On {@code m365.throttling}, key the app: a replica of graph-proxy-service wants to call where a limit is smaller than the number
 * of replicas, or where a batch wants more than its share. The order on the topic is the order in which they go.
 *
 * @param number unique for the replica
 */
public record TurnTaken(String app, String replica, long number, List<Part> parts) {

    public static final String TYPE = "turn-taken.v1";

    public TurnTaken {
        parts = parts == null ? List.of() : List.copyOf(parts);
    }

    /**
     * @param scope of the app
     * @param limit so many
     * @param windowMillis in so long, or 0: at once
     * @param permits how many calls it is, for a batch more than one
     */
    public record Part(String scope, int limit, long windowMillis, int permits) {}
}
