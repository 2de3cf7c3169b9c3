package org.m365connector.events;

import java.util.List;
import java.util.Optional;

/**
 * On {@code m365.throttling}, key the replica, every second: a replica of graph-proxy-service takes its share of Graph's limits.
 *
 * @param leaving whether it is the last time
 * @param hears whom it leaves a share, itself included; nobody while it does not know what is said. Empty in words of before there
 *     was this member
 * @param keepsOneIn where it is cut off it goes on with one part in so many of each limit, but one call at least; empty while that is
 *     nothing, and in words of before there was this member
 * @param listensAt where it listens: the same for whoever listens there after it, and for nobody else. Empty before it listens, where that
 *     cannot be known, and in words of before there was this member
 */
public record ReplicaAlive(
        String replica,
        boolean leaving,
        Optional<List<String>> hears,
        Optional<Integer> keepsOneIn,
        Optional<String> listensAt) {

    public static final String TYPE = "replica-alive.v1";

    public ReplicaAlive {
        hears = hears == null ? Optional.empty() : hears.map(List::copyOf);
        keepsOneIn = keepsOneIn == null ? Optional.empty() : keepsOneIn;
        listensAt = listensAt == null ? Optional.empty() : listensAt;
    }
}
