package org.m365connector.events;

/**
 * On {@code m365.throttling}, key the replica, every second: a replica of graph-proxy-service takes its share of Graph's limits.
 *
 * @param leaving whether it is the last time
 */
public record ReplicaAlive(String replica, boolean leaving) {

    public static final String TYPE = "replica-alive.v1";
}
