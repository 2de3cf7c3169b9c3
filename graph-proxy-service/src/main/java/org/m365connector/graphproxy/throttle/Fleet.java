package org.m365connector.graphproxy.throttle;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The replicas that are alive, and what each may have of a limit: limit ÷ replicas, and what is left over goes to other
 * replicas for each scope, so that the shares of all make the limit, neither less nor more.
 *
 * <p>A replica is gone when it has been silent for a while in which we heard ourselves: where we do not, Kafka is away, and
 * everybody stays who he was.
 */
final class Fleet {

    private final String self;
    private final long silenceMillis;
    private final Map<String, Long> heard = new HashMap<>();
    private volatile Standing standing = new Standing(1, 0);

    private record Standing(int members, int position) {}

    Fleet(String self, Duration silence) {
        this.self = self;
        silenceMillis = silence.toMillis();
    }

    /** @return the replicas that are gone since */
    synchronized Set<String> heard(String replica, long now) {
        if (replica.equals(self)) {
            Long before = heard.get(self);
            if (before != null && now - before > silenceMillis / 2) {
                // We were deaf. What the others said meanwhile may come after what we said.
                heard.replaceAll((name, at) -> now);
            }
        }
        heard.put(replica, now);
        Set<String> gone = new TreeSet<>();
        long limit = heard.getOrDefault(self, Long.MIN_VALUE / 2) - silenceMillis;
        heard.forEach((name, at) -> {
            if (at < limit) {
                gone.add(name);
            }
        });
        heard.keySet().removeAll(gone);
        count();
        return gone;
    }

    synchronized void left(String replica) {
        if (!replica.equals(self)) {
            heard.remove(replica);
            count();
        }
    }

    int members() {
        return standing.members();
    }

    /** What this replica may have; 0 where there is not one for each. */
    int share(String scope, int limit) {
        Standing now = standing;
        int turn = Math.floorMod(now.position() + scope.hashCode(), now.members());
        return limit / now.members() + (turn < limit % now.members() ? 1 : 0);
    }

    private void count() {
        TreeSet<String> names = new TreeSet<>(heard.keySet());
        names.add(self);
        standing = new Standing(names.size(), names.headSet(self).size());
    }
}
