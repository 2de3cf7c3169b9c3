package org.m365connector.graphproxy.throttle;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.m365connector.events.ReplicaAlive;

/**
 * The replicas, and what each may have of a limit.
 *
 * <pre>
 *   alive --for 5 s silent, or deaf to us, while we heard ourselves--> lost --hears us--> alive
 *    | |                                                                | `--10 minutes silent--> forgotten
 *    | `--somebody else has listened at its place for 2.5 s--> dead &lt;----'
 *    |                                                          `--10 minutes--> forgotten
 *    `--said that it leaves--> forgotten
 * </pre>
 *
 * Whoever is lost is dead, or only cut off from Kafka and goes on calling. Nobody can tell, so a <em>small share</em> stays his: what he goes
 * on with when he is not heard, as he said himself, since he may have counted others than we do. The others share the rest. So
 * the sum is the limit or less, whether one is cut off, or some, or Kafka is away for all. Of calls at once his whole share stays his,
 * until those that he had begun with it must have ended. Who is proved dead by him who came after him at the same place makes no more calls. What
 * he used he has told, but for a sixteenth of his share, so that is left to him; more only where he may have been cut off before he died.
 */
final class Fleet implements Peers {

    /** For so long whoever is lost keeps his small share; as long as Graph's longest limit counts. */
    private static final long REMEMBERED_MILLIS = Duration.ofMinutes(10).toMillis();

    /** Calls of somebody who is lost may run for so long. Graph is seldom given more time for an answer. */
    private static final long RUNNING_MILLIS = Duration.ofMinutes(2).toMillis();

    /** Who was heard so shortly before somebody else was, at his place, has not been cut off for long, and has told what he used. */
    private static final long TOLD_MILLIS = Duration.ofSeconds(30).toMillis();

    private static final long NEVER = Long.MIN_VALUE / 2;

    /**
     * @param last when he was heard
     * @param since when he is missed
     * @param deadBy when he was dead at the latest; empty where he may be only cut off
     */
    private record Lost(long last, long since, OptionalLong deadBy) {
        boolean isForgotten(long now) {
            return deadBy.orElse(last) < now - REMEMBERED_MILLIS;
        }
    }

    private final String self;
    private final long silenceMillis;
    private final Map<String, Long> alive = new HashMap<>();
    private final Map<String, Lost> lost = new HashMap<>();

    /** Whom each of them counts, as he said last since we came; empty where he says nothing of it. */
    private final Map<String, Optional<List<String>>> counted = new HashMap<>();

    private long heardSelf = NEVER;

    /** When we came, or were heard again after a silence. */
    private long came = NEVER;

    /** Each goes on with one part in so many when he is cut off, as he said last; none who has said nothing of it yet. */
    private final Map<String, Integer> parts = new HashMap<>();

    /** How many share what each of them has, as he said last. */
    private final Map<String, Integer> companies = new HashMap<>();

    private final Succession succession;
    private final SmallShare small = new SmallShare();
    private volatile Division division = Division.ALONE;
    private volatile boolean settled = true;
    private boolean agreed = true;
    private int changes;
    private int comings;

    Fleet(String self, Duration silence) {
        this.self = self;
        silenceMillis = silence.toMillis();
        succession = new Succession(silenceMillis / 2);
    }

    /**
     * A replica has said that it is there.
     *
     * @param at when it said so
     * @return the replicas that are lost since
     */
    synchronized Set<String> heard(ReplicaAlive word, long at, long now) {
        succession.heard(word.replica(), word.listensAt(), at);
        heardOther(word, at);
        return lost(now);
    }

    /**
     * Our own word has come back.
     *
     * @param saidAt when we said it
     * @param at when Kafka wrote it, in our time
     * @return the replicas that are lost since
     */
    synchronized Set<String> heardSelf(long saidAt, long at, long now) {
        heardSelf(at, now);
        Set<String> gone = lost(now);
        small.heardBack(saidAt, settled);
        return gone;
    }

    /**
     * What our own word says that has come back.
     *
     * @param at when Kafka wrote it, in our time
     * @return the replicas that are lost since
     */
    synchronized Set<String> listens(Optional<String> place, long at, long now) {
        succession.heard(self, place, at);
        return lost(now);
    }

    private Set<String> lost(long now) {
        Set<String> gone = new TreeSet<>();
        alive.forEach((name, last) -> {
            boolean silent = last < heardSelf - silenceMillis;
            if (!name.equals(self)
                    && (silent || succession.deadBy(name, heardSelf).isPresent())) {
                gone.add(name);
                lost.put(name, new Lost(last, now, OptionalLong.empty()));
            }
        });
        gone.forEach(this::noLongerAlive);
        lost.replaceAll((name, one) ->
                one.deadBy().isPresent() ? one : new Lost(one.last(), one.since(), succession.deadBy(name, heardSelf)));
        lost.values().removeIf(one -> one.isForgotten(now));
        Set<String> known = names();
        known.addAll(lost.keySet());
        parts.keySet().retainAll(known);
        companies.keySet().retainAll(known);
        succession.keepOnly(known);
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

    private void heardOther(ReplicaAlive word, long at) {
        String replica = word.replica();
        Optional<List<String>> hears = word.hears();
        boolean hearsUs = hears.map(names -> names.contains(self)).orElse(true);
        if (hearsUs || at < came + silenceMillis || !(alive.containsKey(replica) || lost.containsKey(replica))) {
            lost.remove(replica);
            alive.merge(replica, at, Math::max);
        } else {
            // He is there, and takes no more than his small share.
            lost.computeIfPresent(
                    replica,
                    (name, before) -> new Lost(Math.max(at, before.last()), before.since(), OptionalLong.empty()));
        }
        hears.map(Collection::size).filter(size -> size > 0).ifPresent(size -> companies.put(replica, size));
        goesOnWith(word).ifPresent(oneIn -> parts.put(replica, Math.max(1, oneIn)));
        if (at >= came) {
            counted.put(replica, hears);
        }
    }

    /** Who does not say it goes on with half of what he has if those share it that he counts. */
    private static Optional<Integer> goesOnWith(ReplicaAlive word) {
        return word.keepsOneIn().or(() -> word.hears()
                .map(Collection::size)
                .or(() -> Optional.of(1))
                .filter(counted -> counted > 0)
                .map(counted -> 2 * counted));
    }

    /**
     * What we say of ourselves.
     *
     * @param knowsOthers whether we say also whom we count
     * @return one part in so many is what we go on with; empty where it is nothing
     */
    synchronized Optional<Integer> says(boolean knowsOthers, long now) {
        if (knowsOthers) {
            small.says(division, now);
        }
        return small.oneIn();
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
            parts.remove(replica);
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
        return division.alive();
    }

    /** Whether nobody else may be calling. */
    boolean alone() {
        Division now = division;
        return now.alive() == 1 && now.away().isEmpty();
    }

    @Override
    public boolean sharesOut(int limit) {
        return division.sharesOut(limit);
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
        return division.reserved(limit);
    }

    /** What the dead may have used of a limit in a time beyond what they told. */
    int untold(int limit) {
        return division.untold(limit);
    }

    /** What this replica may have while it is heard of a limit that is shared out. */
    int share(String scope, Limit limit) {
        return division.share(scope, limit);
    }

    /** What it may have while it does not know what the others do; none where it is not one of the few. */
    int smallShare(String scope, int limit) {
        return small.of(scope, limit);
    }

    /** Whether it is the one that goes on where a limit in a time is too small to be shared, and nobody can be asked. */
    boolean goesOnAlone(String scope) {
        return division.goesOnAlone(scope);
    }

    private void count(long now) {
        Set<String> names = names();
        List<Division.Away> away = new ArrayList<>();
        lost.forEach((name, one) -> {
            int oneIn = parts.getOrDefault(name, Division.SMALLEST_PART);
            boolean before = name.compareTo(self) < 0;
            if (one.deadBy().isEmpty()) {
                away.add(Division.Away.cutOff(oneIn, now - one.since() < RUNNING_MILLIS, before));
            } else {
                long deadBy = one.deadBy().getAsLong();
                boolean told = deadBy - one.last() < TOLD_MILLIS;
                int oneInATime = told ? Used.TOLD_PARTS * companies.getOrDefault(name, 1) : oneIn;
                away.add(new Division.Away(true, oneInATime, oneIn, now - deadBy < RUNNING_MILLIS, before));
            }
        });
        Division newDivision = new Division(names.size(), position(names), away);
        changes += newDivision.equals(division) ? 0 : 1;
        division = newDivision;
        agreed = names.stream().filter(name -> !name.equals(self)).allMatch(name -> counts(name, names));
        settled = settled || agreed;
    }

    private boolean counts(String name, Set<String> names) {
        Optional<List<String>> said = counted.get(name);
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
