package org.m365connector.graphproxy.throttle;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The replicas, and what each may have of a limit.
 *
 * <pre>
 *   alive --for 5 s silent, or deaf to us, while we heard ourselves--> lost --hears us--> alive
 *    |                                                                  `--10 minutes silent--> forgotten
 *    `--said that it leaves--> forgotten
 * </pre>
 *
 * Whoever is lost is dead, or only cut off from Kafka and goes on calling. Nobody can tell, so a <em>small share</em> stays his:
 * half of what he had. It is what a replica takes that is not heard; the others share the rest. So the sum is the limit or less,
 * whether one is cut off, or some, or Kafka is away for all. Of calls at once his whole share stays his, until those that he had
 * begun with it must have ended.
 */
final class Fleet implements Peers {

    /** For so long whoever is lost keeps his small share; as long as Graph's longest limit counts. */
    private static final long REMEMBERED_MILLIS = Duration.ofMinutes(10).toMillis();

    /** Calls of somebody who is lost may run for so long. Graph is seldom given more time for an answer. */
    private static final long RUNNING_MILLIS = Duration.ofMinutes(2).toMillis();

    private static final long NEVER = Long.MIN_VALUE / 2;

    /**
     * @param last when he was heard
     * @param since when he is missed
     */
    private record Lost(long last, long since) {}

    private final String self;
    private final long silenceMillis;
    private final Map<String, Long> alive = new HashMap<>();
    private final Map<String, Lost> lost = new HashMap<>();

    /** Whom each of them counts, as he said last since we came; empty where he says nothing of it. */
    private final Map<String, Optional<? extends Collection<String>>> counted = new HashMap<>();

    private long heardSelf = NEVER;

    /** When we came, or were heard again after a silence. */
    private long came = NEVER;

    private volatile boolean settled = true;
    private boolean agreed = true;
    private volatile Shared inATime = new Shared(1, 0, 0);
    private volatile Shared atOnce = new Shared(1, 0, 0);
    private int changes;
    private int comings;

    /** @param position among those who are alive, by their names */
    private record Shared(int alive, int lost, int position) {
        int members() {
            return alive + lost;
        }

        /** What all have together who are lost. */
        int reserved(int limit) {
            if (lost == 0) {
                return 0;
            }
            return limit < members() ? Math.min(lost, limit - 1) : lost * Math.max(1, limit / (2 * members()));
        }

        int share(String scope, int limit) {
            int rest = Math.max(0, limit - reserved(limit));
            return rest / alive + (rank(scope, alive) < rest % alive ? 1 : 0);
        }

        int rank(String scope, int of) {
            return Math.floorMod(position + scope.hashCode(), of);
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
     * @param hears whom it counts; empty where it says nothing of it
     * @return the replicas that are lost since
     */
    synchronized Set<String> heard(String replica, long at, long now, Optional<? extends Collection<String>> hears) {
        if (replica.equals(self)) {
            heardSelf(at, now);
        } else {
            heardOther(replica, at, hears);
        }
        Set<String> gone = new TreeSet<>();
        alive.forEach((name, last) -> {
            if (last < heardSelf - silenceMillis && !name.equals(self)) {
                gone.add(name);
                lost.put(name, new Lost(last, now));
            }
        });
        gone.forEach(this::noLongerAlive);
        lost.values().removeIf(one -> one.last() < now - REMEMBERED_MILLIS);
        count(now);
        return gone;
    }

    private void heardSelf(long at, long now) {
        boolean silent = at - heardSelf > silenceMillis / 2;
        // The word is there all right, but what comes now is what was said while we did not listen.
        boolean late = now - at > silenceMillis / 2 && at > came;
        if (silent || late) {
            if (heardSelf > NEVER) {
                // We were deaf. What the others said meanwhile may come after what we said, and may leave us out.
                alive.replaceAll((name, before) -> now);
            }
            came = late ? now : at;
            settled = false;
            changes++;
            comings++;
            counted.clear();
        }
        // Whatever the others said before that has been read.
        heardSelf = at;
        alive.merge(self, at, Math::max);
    }

    private void heardOther(String replica, long at, Optional<? extends Collection<String>> hears) {
        boolean hearsUs = hears.map(names -> names.contains(self)).orElse(true);
        if (hearsUs || at < came + silenceMillis || !(alive.containsKey(replica) || lost.containsKey(replica))) {
            lost.remove(replica);
            alive.merge(replica, at, Math::max);
        } else {
            // He is there, and takes no more than his small share.
            lost.computeIfPresent(replica, (name, before) -> new Lost(Math.max(at, before.last()), before.since()));
        }
        if (at >= came) {
            counted.put(replica, hears);
        }
    }

    private void noLongerAlive(String name) {
        alive.remove(name);
        counted.remove(name);
    }

    /** Everything has been read that was said before we came. Until then we do not know who is there. */
    synchronized void hasReadEverything() {
        settled = agreed;
    }

    synchronized void left(String replica) {
        if (!replica.equals(self)) {
            noLongerAlive(replica);
            lost.remove(replica);
            count(heardSelf);
        }
    }

    @Override
    public synchronized Set<String> names() {
        Set<String> names = new TreeSet<>(alive.keySet());
        names.add(self);
        return names;
    }

    /** Replicas that are heard. */
    int alive() {
        return inATime.alive();
    }

    @Override
    public int members() {
        return inATime.members();
    }

    @Override
    public synchronized boolean agreed() {
        return agreed;
    }

    /** Whether the others have counted us since we came. Asked in every call. */
    boolean settled() {
        return settled;
    }

    /** Goes up whenever we come, or are heard again after a silence. */
    synchronized int comings() {
        return comings;
    }

    /** Goes up whenever shares change. */
    synchronized int changes() {
        return changes;
    }

    @Override
    public int reserved(int limit) {
        return inATime.reserved(limit);
    }

    /** What this replica may have while it is heard; none where there is not one for each member. */
    int share(String scope, Limit limit) {
        Shared shared = limit.atOnce() ? atOnce : inATime;
        return shared.share(scope, limit.count());
    }

    /**
     * What it may have while it does not know what the others do; none where it is not one of the few. Of a limit that is no larger than
     * the number of replicas one at least is nobody's: it is for those who have come since, of whom we know nothing.
     */
    int smallShare(String scope, int limit) {
        Shared now = inATime;
        if (now.members() == 1 || limit > now.members()) {
            return Math.max(1, limit / (2 * now.members()));
        }
        int few = limit == now.members() ? limit - 1 : limit / 2;
        return now.rank(scope, now.members()) < few ? 1 : 0;
    }

    /** Whether it is the one that goes on where a limit in a time is too small to be shared, and nobody can be asked. */
    boolean goesOnAlone(String scope) {
        Shared now = inATime;
        return now.rank(scope, now.members()) == 0;
    }

    private void count(long now) {
        Set<String> names = names();
        Set<String> running = new TreeSet<>(names);
        lost.forEach((name, one) -> {
            if (now - one.since() < RUNNING_MILLIS) {
                running.add(name);
            }
        });
        Shared newInATime = new Shared(names.size(), lost.size(), position(names));
        Shared newAtOnce = new Shared(running.size(), names.size() + lost.size() - running.size(), position(running));
        if (!newInATime.equals(inATime) || !newAtOnce.equals(atOnce)) {
            changes++;
        }
        inATime = newInATime;
        atOnce = newAtOnce;
        agreed = names.stream().filter(name -> !name.equals(self)).allMatch(name -> counts(name, names));
        settled = settled || agreed;
    }

    private boolean counts(String name, Set<String> names) {
        Optional<? extends Collection<String>> said = counted.get(name);
        return said != null && said.map(heard -> heard.containsAll(names)).orElse(true);
    }

    private int position(Set<String> names) {
        int position = 0;
        for (String name : names) {
            position += name.compareTo(self) < 0 ? 1 : 0;
        }
        return position;
    }
}
