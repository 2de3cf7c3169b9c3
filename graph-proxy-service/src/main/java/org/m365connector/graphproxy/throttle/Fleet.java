package org.m365connector.graphproxy.throttle;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The replicas, and what each may have of a limit.
 *
 * <pre>
 *   alive --silent for 5 s while we heard ourselves--> lost --heard--> alive
 *    |                                                  `--10 minutes--> forgotten
 *    `--said that it leaves--> forgotten
 * </pre>
 *
 * Whoever is lost is dead, or only cut off from Kafka and goes on calling. Nobody can tell, so a <em>small share</em> stays his:
 * half of what he had. It is what a replica takes that is not heard; the others share the rest. So the sum is the limit or less,
 * whether one is cut off, or some, or Kafka is away for all.
 */
final class Fleet {

    /** For so long whoever is lost keeps his small share; as long as Graph's longest limit counts. */
    private static final long REMEMBERED_MILLIS = Duration.ofMinutes(10).toMillis();

    private final String self;
    private final long silenceMillis;
    private final Map<String, Long> alive = new HashMap<>();
    private final Map<String, Long> lost = new HashMap<>();
    private long heardSelf = Long.MIN_VALUE / 2;
    private volatile Standing standing = new Standing(1, 0, 0);

    private record Standing(int alive, int lost, int position) {
        int members() {
            return alive + lost;
        }

        int small(int limit) {
            return Math.max(1, limit / (2 * members()));
        }
    }

    Fleet(String self, Duration silence) {
        this.self = self;
        silenceMillis = silence.toMillis();
    }

    /**
     * A replica has said that it is there.
     *
     * @param at when it said so
     * @return the replicas that are lost since
     */
    synchronized Set<String> heard(String replica, long at, long now) {
        if (replica.equals(self)) {
            if (heardSelf > Long.MIN_VALUE / 2 && at - heardSelf > silenceMillis / 2) {
                // We were deaf. What the others said meanwhile may come after what we said.
                alive.replaceAll((name, before) -> now);
            }
            // Whatever the others said before that has been read.
            heardSelf = at;
        }
        lost.remove(replica);
        alive.merge(replica, at, Math::max);
        Set<String> gone = new TreeSet<>();
        alive.forEach((name, last) -> {
            if (last < heardSelf - silenceMillis && !name.equals(self)) {
                gone.add(name);
                lost.put(name, last);
            }
        });
        alive.keySet().removeAll(gone);
        lost.values().removeIf(last -> last < now - REMEMBERED_MILLIS);
        count();
        return gone;
    }

    synchronized void left(String replica) {
        if (!replica.equals(self)) {
            alive.remove(replica);
            lost.remove(replica);
            count();
        }
    }

    synchronized Set<String> names() {
        Set<String> names = new TreeSet<>(alive.keySet());
        names.add(self);
        return names;
    }

    /** Replicas that are heard. */
    int alive() {
        return standing.alive();
    }

    /** Replicas that may be calling. */
    int members() {
        return standing.members();
    }

    /** What this replica may have while it is heard; none where there is not one for each member. */
    int share(String scope, int limit) {
        Standing now = standing;
        int rest = Math.max(0, limit - (now.lost() == 0 ? 0 : now.lost() * now.small(limit)));
        int turn = Math.floorMod(now.position() + scope.hashCode(), now.alive());
        return rest / now.alive() + (turn < rest % now.alive() ? 1 : 0);
    }

    /** What it may have while it does not know what the others do. */
    int smallShare(int limit) {
        return standing.small(limit);
    }

    private void count() {
        Set<String> names = names();
        int position = 0;
        for (String name : names) {
            position += name.compareTo(self) < 0 ? 1 : 0;
        }
        standing = new Standing(names.size(), lost.size(), position);
    }
}
