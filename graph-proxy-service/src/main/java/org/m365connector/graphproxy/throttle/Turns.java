package org.m365connector.graphproxy.throttle;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.m365connector.events.ScopeHeld;
import org.m365connector.events.TurnEnded;
import org.m365connector.events.TurnTaken;

/**
 * Who goes next where a limit is smaller than the number of replicas, so that it cannot be shared, or where a batch wants more than
 * a share. Every replica writes to the topic that it wants to go; the order in which Kafka keeps what they wrote is the order in
 * which they go, and all read the same. It costs a round trip to Kafka, for such scopes only.
 *
 * <p>Calls in a time: a call begins when the one that stood so many places before it is a window old. Calls at once: the
 * first so many go; the next when one of them has ended. Somebody's place in the list only gets better, so nobody can be
 * among the first in one replica's eyes while others, who do not know yet that somebody ended, see more than the limit.
 *
 * <p>Where a scope is shared as a rule, it is not while anybody stands in its line: all go by turns then. Of calls at once each replica
 * says first how many it has that began before; calls in a time are over a window later.
 *
 * <p>The publisher is called under the lock, so that the topic has our words in the order of their numbers; it must not block.
 */
final class Turns {

    /** How long to wait for one's own words before Kafka counts as away. */
    private static final long PATIENCE_MILLIS = 1_000;

    /** Longer than any call takes: who has not ended by then has been forgotten by his replica. */
    private static final long FORGOTTEN_MILLIS = Duration.ofMinutes(15).toMillis();

    /**
     * A turn that has been asked for.
     *
     * @param turn fails where Kafka does not answer
     * @param giveUp to be called where nobody waits for it any more
     */
    record Asked(Future<Turn> turn, Runnable giveUp) {}

    private final String self;
    private final Time time;
    private final Consumer<Object> publisher;
    private final Lines lines;

    /** Those at once of all replicas, until they end. */
    private final Map<String, Place> places = new LinkedHashMap<>();

    /** Ours that have not been heard yet, and those heard whose turn has not come. */
    private final Map<Long, OwnTurn> asked = new LinkedHashMap<>();

    private final Map<Long, OwnTurn> waiting = new LinkedHashMap<>();

    /** Ours that stand on the topic without their end. */
    private final Ends ends;

    private long last;
    private boolean silent;

    /** @param publisher writes a {@link TurnTaken} or {@link TurnEnded} to the topic, or loses it */
    Turns(String self, Time time, Peers peers, Consumer<Object> publisher) {
        this.self = self;
        this.time = time;
        lines = new Lines(peers);
        ends = new Ends(time, publisher);
        this.publisher = publisher;
    }

    /** To be called once, before anything is heard. */
    void tell(TurnScopes told) {
        lines.tell(told);
    }

    /** When such a call could begin if nobody else came first; 0 if at once. */
    synchronized long millisToWait(String app, List<Need> needs, long now) {
        return lines.millisToWait(app, needs, now);
    }

    /** Whether the topic answered when it was last asked. */
    synchronized boolean answered() {
        return !silent;
    }

    /** A word of our own has come back. */
    synchronized void answers() {
        silent = false;
    }

    Asked take(String app, List<Need> needs) {
        return take(app, needs.stream().map(Lines::part).toList(), null);
    }

    /**
     * Another turn for a call that was too late for its own. Where nobody has come behind it, it begins as soon as the topic says so;
     * what it holds of calls at once it keeps.
     */
    Asked takeAnother(Turn late) {
        OwnTurn before = late.own();
        return take(before.app, before.partsInATime(), before);
    }

    private Asked take(String app, List<TurnTaken.Part> parts, OwnTurn instead) {
        OwnTurn own;
        synchronized (this) {
            own = new OwnTurn(this, app, ++last, instead);
            asked.put(own.number, own);
            publisher.accept(new TurnTaken(app, self, own.number, parts));
        }
        time.after(PATIENCE_MILLIS, () -> {
            boolean away;
            synchronized (this) {
                away = asked.remove(own.number) != null;
                silent |= away;
            }
            if (away) {
                own.promise.tryFail("kafka is away");
            }
        });
        return new Asked(own.promise.future(), () -> giveUp(own));
    }

    /** Its call is over. */
    void end(OwnTurn own) {
        OwnTurn first = own;
        while (first.instead != null) {
            first = first.instead;
        }
        synchronized (this) {
            say(new TurnEnded(first.app, self, first.number));
        }
    }

    private void say(TurnEnded event) {
        if (places.containsKey(name(self, event.number()))) {
            ends.say(event);
        }
    }

    private void giveUp(OwnTurn own) {
        synchronized (this) {
            // Where it has not been heard yet, it is given back when it is.
            asked.remove(own.number);
            if (waiting.remove(own.number) != null) {
                say(new TurnEnded(own.app, self, own.number));
            }
        }
        own.promise.tryFail("given up");
    }

    /** @param at when it was written, in our time */
    void heard(TurnTaken taken, long at) {
        List<Runnable> after = new ArrayList<>();
        synchronized (this) {
            OwnTurn own = taken.replica().equals(self) ? asked.remove(taken.number()) : null;
            boolean first = own != null && own.instead != null && lines.nobodyCameBehind(own.instead);
            long stand = lines.stand(taken, at);
            lines.place(taken, at, stand, after)
                    .ifPresent(place -> places.put(name(taken.replica(), taken.number()), place));
            if (taken.replica().equals(self)) {
                silent = false;
                if (own == null) {
                    // It came after all, too late.
                    say(new TurnEnded(taken.app(), self, taken.number()));
                } else {
                    own.isHeard(taken.parts(), first ? at : stand, stand);
                    waiting.put(own.number, own);
                }
            }
            grant(after);
        }
        after.forEach(Runnable::run);
    }

    void heard(TurnEnded event) {
        change(after -> {
            if (event.replica().equals(self)) {
                ends.heard(event.number());
            }
            forget(name(event.replica(), event.number()), after);
        });
    }

    /** So many calls of a replica run in a scope without a turn. */
    void heard(ScopeHeld event) {
        change(after -> lines.runs(event));
    }

    /** We have been away, and the others may have forgotten what we held: it is given back, and who waits asks again. */
    void haveBeenAway() {
        List<OwnTurn> waited;
        List<Runnable> after = new ArrayList<>();
        synchronized (this) {
            waited = List.copyOf(waiting.values());
            waiting.clear();
            List<String> ours = new ArrayList<>();
            places.forEach((name, place) -> {
                if (place.replica().equals(self)) {
                    ours.add(name);
                }
            });
            ours.forEach(name -> {
                publisher.accept(new TurnEnded(places.get(name).app(), self, number(name)));
                forget(name, after);
            });
            ends.forget();
            grant(after);
        }
        after.forEach(Runnable::run);
        waited.forEach(own -> own.promise.tryFail("away"));
    }

    /** Others have come, or know of each other now. */
    void look() {
        change(after -> {});
    }

    /** What a replica held that is no more. */
    void gone(String replica) {
        synchronized (this) {
            lines.gone(replica);
        }
        forgetAll(place -> place.replica().equals(replica));
    }

    /** What others hold: nobody but those is there. */
    void keepOnly(Set<String> replicas) {
        synchronized (this) {
            lines.keepOnly(replicas);
        }
        forgetAll(place -> !replicas.contains(place.replica()));
    }

    private void forgetAll(Predicate<Place> whom) {
        change(after -> {
            List<String> names = new ArrayList<>();
            places.forEach((name, place) -> {
                if (whom.test(place)) {
                    names.add(name);
                }
            });
            names.forEach(name -> forget(name, after));
        });
    }

    /** Under the lock; whoever is first then is told outside of it. */
    private void change(Consumer<List<Runnable>> change) {
        List<Runnable> after = new ArrayList<>();
        synchronized (this) {
            change.accept(after);
            grant(after);
        }
        after.forEach(Runnable::run);
    }

    /** Says again what seems to be lost, and forgets what nobody needs. To be called now and then. */
    void sweep() {
        long now = time.millis();
        forgetAll(place -> now - place.at() > FORGOTTEN_MILLIS);
        synchronized (this) {
            lines.forgetIdle(now - FORGOTTEN_MILLIS);
            ends.lost().forEach(this::say);
        }
    }

    /** Everything that is remembered of calls that have not ended. */
    synchronized int open() {
        return asked.size() + waiting.size() + places.size() + ends.size();
    }

    private void forget(String name, List<Runnable> after) {
        Place place = places.remove(name);
        if (place != null) {
            lines.end(name, place, after);
        }
    }

    private void grant(List<Runnable> after) {
        waiting.values().removeIf(own -> {
            boolean first = lines.first(own, name(self, own.number));
            if (first) {
                Turn turn = own.turn();
                after.add(() -> {
                    if (!own.promise.tryComplete(turn)) {
                        turn.end();
                    }
                });
            }
            return first;
        });
    }

    private static long number(String name) {
        return Long.parseLong(name.substring(name.lastIndexOf('#') + 1));
    }

    static String name(String replica, long number) {
        return replica + "#" + number;
    }
}
