package org.m365connector.graphproxy.throttle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.m365connector.events.TurnEnded;
import org.m365connector.events.TurnTaken;

/**
 * Who goes next where a limit is smaller than the number of replicas, so that it cannot be shared. Every replica writes to the
 * topic that it wants to go; the order in which Kafka keeps what they wrote is the order in which they go, and all read the
 * same. It costs a round trip to Kafka, for such scopes only.
 *
 * <p>Calls in a time: a call begins when the one that stood so many places before it is a window old. Calls at once: the
 * first so many go; the next when one of them has ended. Somebody's place in the list only gets better, so nobody can be
 * among the first in one replica's eyes while others, who do not know yet that somebody ended, see more than the limit.
 *
 * <p>The publisher is called under the lock, so that the topic has our words in the order of their numbers; it must not block.
 */
final class Turns {

    /** How long to wait for one's own words before Kafka counts as away. */
    private static final long PATIENCE_MILLIS = 1_000;

    /** What is not heard by then is said again. */
    private static final long AGAIN_MILLIS = 3_000;

    /** Longer than any call takes: who has not ended by then has been forgotten by his replica. */
    private static final long FORGOTTEN_MILLIS = Duration.ofMinutes(15).toMillis();

    /** Somebody's place, in all lines that he stands in. */
    private record Place(String replica, long at, List<TurnTaken.Part> parts) {}

    /** One of ours, until it has ended. */
    private final class Mine {
        private final String app;
        private final long number;
        private final Promise<Turn> promise = Promise.promise();
        private List<TurnTaken.Part> parts = List.of();
        private long startsAt;

        Mine(String app, long number) {
            this.app = app;
            this.number = number;
        }

        boolean first() {
            for (TurnTaken.Part part : parts) {
                if (part.windowMillis() == 0 && !line(app, part).first(name(self, number), part)) {
                    return false;
                }
            }
            return true;
        }

        Turn turn() {
            long latest = Long.MAX_VALUE;
            for (TurnTaken.Part part : parts) {
                if (part.windowMillis() > 0) {
                    latest = Math.min(latest, startsAt + Line.margin(part.windowMillis()));
                }
            }
            return new Turn(startsAt, latest, () -> mayGoLate(this), () -> end(this));
        }

        boolean last() {
            for (TurnTaken.Part part : parts) {
                if (part.windowMillis() > 0 && line(app, part).lastStart() > startsAt) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * One's turn.
     *
     * @param startsAt when it begins
     * @param latest a call that begins after it comes too close to the next one
     * @param mayGoLate whether it may all the same, since there is no next one
     * @param end to be called when the call is over, or does not come
     */
    record Turn(long startsAt, long latest, BooleanSupplier mayGoLate, Runnable end) {}

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
    private final Map<String, Line> lines = new HashMap<>();

    /** Those at once of all replicas, until they end. */
    private final Map<String, Place> places = new LinkedHashMap<>();

    /** Ours that have not been heard yet, and those heard whose turn has not come. */
    private final Map<Long, Mine> asked = new LinkedHashMap<>();

    private final Map<Long, Mine> waiting = new LinkedHashMap<>();

    /** Ours that have ended and stand on the topic without their end. */
    private final Map<Long, Ended> ended = new LinkedHashMap<>();

    private record Ended(TurnEnded event, long saidAt) {}

    private long last;
    private boolean silent;

    /** @param publisher writes a {@link TurnTaken} or {@link TurnEnded} to the topic, or loses it */
    Turns(String self, Time time, Consumer<Object> publisher) {
        this.self = self;
        this.time = time;
        this.publisher = publisher;
    }

    /** When such a call could begin if nobody else came first; 0 if at once. */
    synchronized long millisToWait(String app, List<Need> needs, long now) {
        long start = now;
        for (Need need : needs) {
            Line line = need.limit().atOnce() ? null : lines.get(key(app, need.scope()));
            if (line != null) {
                start = Math.max(start, line.earliest(part(need)));
            }
        }
        return start - now;
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
        Mine own;
        synchronized (this) {
            own = new Mine(app, ++last);
            asked.put(own.number, own);
            publisher.accept(new TurnTaken(
                    app, self, own.number, needs.stream().map(Turns::part).toList()));
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

    /** A lone call need not wait a second time because its connection took long. One more turn keeps those away who come now. */
    private synchronized boolean mayGoLate(Mine own) {
        if (!own.last()) {
            return false;
        }
        List<TurnTaken.Part> inATime =
                own.parts.stream().filter(part -> part.windowMillis() > 0).toList();
        publisher.accept(new TurnTaken(own.app, self, ++last, inATime));
        return true;
    }

    private synchronized void end(Mine own) {
        say(new TurnEnded(own.app, self, own.number));
    }

    private void say(TurnEnded event) {
        if (places.containsKey(name(self, event.number()))) {
            ended.put(event.number(), new Ended(event, time.millis()));
            publisher.accept(event);
        }
    }

    private void giveUp(Mine own) {
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
            String name = name(taken.replica(), taken.number());
            long start = at;
            for (TurnTaken.Part part : taken.parts()) {
                if (part.windowMillis() > 0) {
                    start = Math.max(start, line(taken.app(), part).earliest(part));
                }
            }
            boolean holds = false;
            for (TurnTaken.Part part : taken.parts()) {
                if (part.windowMillis() > 0) {
                    line(taken.app(), part).start(part, start);
                } else {
                    line(taken.app(), part).hold(name, part.permits());
                    holds = true;
                }
            }
            if (holds) {
                places.put(name, new Place(taken.replica(), at, keyed(taken)));
            }
            if (taken.replica().equals(self)) {
                silent = false;
                heardMine(taken, start);
            }
            grant(after);
        }
        after.forEach(Runnable::run);
    }

    private void heardMine(TurnTaken taken, long start) {
        Mine own = asked.remove(taken.number());
        if (own == null) {
            // It came after all, too late.
            say(new TurnEnded(taken.app(), self, taken.number()));
            return;
        }
        own.parts = taken.parts();
        own.startsAt = start;
        waiting.put(own.number, own);
    }

    void heard(TurnEnded event) {
        List<Runnable> after = new ArrayList<>();
        synchronized (this) {
            if (event.replica().equals(self)) {
                ended.remove(event.number());
            }
            forget(name(event.replica(), event.number()));
            grant(after);
        }
        after.forEach(Runnable::run);
    }

    /** What a replica held that is no more. */
    void gone(String replica) {
        forgetAll(place -> place.replica().equals(replica));
    }

    /** What others hold: nobody but those is there. */
    void keepOnly(Set<String> replicas) {
        forgetAll(place -> !replicas.contains(place.replica()));
    }

    private void forgetAll(Predicate<Place> whom) {
        List<Runnable> after = new ArrayList<>();
        synchronized (this) {
            List<String> names = new ArrayList<>();
            places.forEach((name, place) -> {
                if (whom.test(place)) {
                    names.add(name);
                }
            });
            names.forEach(this::forget);
            grant(after);
        }
        after.forEach(Runnable::run);
    }

    /** Says again what seems to be lost, and forgets what nobody needs. To be called now and then. */
    void sweep() {
        long now = time.millis();
        forgetAll(place -> now - place.at() > FORGOTTEN_MILLIS);
        synchronized (this) {
            lines.values().removeIf(line -> line.idle(now - FORGOTTEN_MILLIS));
            List<Ended> lost = ended.values().stream()
                    .filter(end -> now - end.saidAt() > AGAIN_MILLIS)
                    .toList();
            lost.forEach(end -> {
                ended.remove(end.event().number());
                say(end.event());
            });
        }
    }

    /** Everything that is remembered of calls that have not ended. */
    synchronized int open() {
        return asked.size() + waiting.size() + places.size() + ended.size();
    }

    private void forget(String name) {
        Place place = places.remove(name);
        if (place != null) {
            for (TurnTaken.Part part : place.parts()) {
                Line line = lines.get(part.scope());
                if (line != null) {
                    line.end(name);
                }
            }
        }
    }

    private void grant(List<Runnable> after) {
        waiting.values().removeIf(own -> {
            boolean first = own.first();
            if (first) {
                Turn turn = own.turn();
                after.add(() -> {
                    if (!own.promise.tryComplete(turn)) {
                        turn.end().run();
                    }
                });
            }
            return first;
        });
    }

    private Line line(String app, TurnTaken.Part part) {
        return lines.computeIfAbsent(key(app, part.scope()), key -> new Line());
    }

    /** The parts at once, by the keys of their lines. */
    private static List<TurnTaken.Part> keyed(TurnTaken taken) {
        return taken.parts().stream()
                .filter(part -> part.windowMillis() == 0)
                .map(part -> new TurnTaken.Part(key(taken.app(), part.scope()), part.limit(), 0, part.permits()))
                .toList();
    }

    private static String key(String app, String scope) {
        return app + "|" + scope;
    }

    private static String name(String replica, long number) {
        return replica + "#" + number;
    }

    private static TurnTaken.Part part(Need need) {
        return new TurnTaken.Part(
                need.scope(), need.limit().count(), need.limit().window().toMillis(), need.permits());
    }
}
