package org.m365connector.graphproxy.throttle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
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
 */
final class Turns {

    /** How long to wait for one's own words before Kafka counts as away. */
    private static final long PATIENCE_MILLIS = 1_000;

    /** Longer than any call takes: who has not ended by then has been forgotten by his replica. */
    private static final long FORGOTTEN_MILLIS = Duration.ofMinutes(15).toMillis();

    /** A little more than the window: calls of two machines come closer together on their way. */
    private static final int MARGIN_PARTS = 16;

    /** One's turn: when it begins, and how to end it. */
    record Turn(long startsAt, Runnable end) {}

    private record Holder(String replica, long number, long at, int permits) {}

    private static final class Mine {
        private final String app;
        private final Promise<Turn> promise = Promise.promise();
        private long startsAt;
        private boolean heard;
        private boolean over;
        private List<TurnTaken.Part> parts = List.of();

        Mine(String app) {
            this.app = app;
        }
    }

    private final String self;
    private final Clock clock;
    private final Timers timers;
    private final Consumer<Object> publisher;
    private final Map<String, Deque<Long>> starts = new HashMap<>();
    private final Map<String, List<Holder>> holders = new HashMap<>();
    private final Map<Long, Mine> mine = new HashMap<>();

    /** The last number heard, by replica and app: what Kafka's clients repeat is booked once. */
    private final Map<String, Long> heard = new HashMap<>();

    private long last;

    /** @param publisher writes a {@link TurnTaken} or {@link TurnEnded} to the topic, or loses it */
    Turns(String self, Clock clock, Timers timers, Consumer<Object> publisher) {
        this.self = self;
        this.clock = clock;
        this.timers = timers;
        this.publisher = publisher;
        last = clock.millis();
    }

    /** When such a call could begin if nobody else came first; 0 if at once. */
    synchronized long millisToWait(String app, List<Need> needs, long now) {
        long start = now;
        for (Need need : needs) {
            if (!need.limit().atOnce()) {
                start = Math.max(start, earliest(app + "|" + need.scope(), part(need)));
            }
        }
        return start - now;
    }

    /** Fails where Kafka does not answer. */
    Future<Turn> take(String app, List<Need> needs) {
        Mine own = new Mine(app);
        long number;
        synchronized (this) {
            number = ++last;
            mine.put(number, own);
        }
        publisher.accept(
                new TurnTaken(app, self, number, needs.stream().map(Turns::part).toList()));
        timers.after(PATIENCE_MILLIS, () -> {
            boolean away;
            synchronized (this) {
                away = !own.heard && !own.over;
                own.over |= away;
            }
            if (away) {
                own.promise.tryFail("kafka is away");
            }
        });
        return own.promise.future();
    }

    /** Nobody waits for it any more, or its call has ended. */
    private void end(long number, Mine own) {
        boolean holds;
        synchronized (this) {
            own.over = true;
            mine.remove(number);
            holds = own.parts.stream().anyMatch(part -> part.windowMillis() == 0);
        }
        own.promise.tryFail("ended");
        if (holds) {
            publisher.accept(new TurnEnded(own.app, self, number));
        }
    }

    /** @param at when it was written, by the clock of whoever wrote it */
    void heard(TurnTaken taken, long at) {
        List<Runnable> after = new ArrayList<>();
        synchronized (this) {
            String who = taken.replica() + "|" + taken.app();
            if (taken.number() <= heard.getOrDefault(who, Long.MIN_VALUE)) {
                return;
            }
            heard.put(who, taken.number());
            long start = at;
            for (TurnTaken.Part part : taken.parts()) {
                if (part.windowMillis() > 0) {
                    start = Math.max(start, earliest(taken.app() + "|" + part.scope(), part));
                }
            }
            for (TurnTaken.Part part : taken.parts()) {
                book(taken, part, start, at);
            }
            Mine own = taken.replica().equals(self) ? mine.get(taken.number()) : null;
            if (own != null) {
                own.heard = true;
                own.startsAt = start;
                own.parts = taken.parts();
                if (own.over) {
                    // It came after all, too late.
                    after.add(() -> end(taken.number(), own));
                }
            }
            grant(after);
        }
        after.forEach(Runnable::run);
    }

    void heard(TurnEnded ended) {
        List<Runnable> after = new ArrayList<>();
        synchronized (this) {
            forget(holder -> holder.replica().equals(ended.replica()) && holder.number() == ended.number());
            grant(after);
        }
        after.forEach(Runnable::run);
    }

    /** What a replica held that is no more. */
    void gone(String replica) {
        List<Runnable> after = new ArrayList<>();
        synchronized (this) {
            forget(holder -> holder.replica().equals(replica));
            heard.keySet().removeIf(who -> who.startsWith(replica + "|"));
            grant(after);
        }
        after.forEach(Runnable::run);
    }

    synchronized void sweep() {
        long now = clock.millis();
        starts.values().removeIf(times -> times.peekLast() == null || now - times.peekLast() > FORGOTTEN_MILLIS);
        forget(holder -> now - holder.at() > FORGOTTEN_MILLIS);
    }

    private void book(TurnTaken taken, TurnTaken.Part part, long start, long at) {
        String scope = taken.app() + "|" + part.scope();
        if (part.windowMillis() == 0) {
            holders.computeIfAbsent(scope, s -> new ArrayList<>())
                    .add(new Holder(taken.replica(), taken.number(), at, part.permits()));
            return;
        }
        Deque<Long> times = starts.computeIfAbsent(scope, s -> new ArrayDeque<>());
        for (int i = 0; i < part.permits(); i++) {
            // The items of a batch go at once; those beyond the limit hold up whoever comes next.
            times.addLast(Math.max(start, times.size() < part.limit() ? start : times.peekFirst() + spaced(part)));
            if (times.size() > part.limit()) {
                times.removeFirst();
            }
        }
    }

    private long earliest(String scope, TurnTaken.Part part) {
        Deque<Long> times = starts.get(scope);
        return times == null || times.size() < part.limit() ? Long.MIN_VALUE : times.peekFirst() + spaced(part);
    }

    private static long spaced(TurnTaken.Part part) {
        return part.windowMillis() + part.windowMillis() / MARGIN_PARTS;
    }

    private void forget(Predicate<Holder> whom) {
        for (Iterator<List<Holder>> lists = holders.values().iterator(); lists.hasNext(); ) {
            List<Holder> list = lists.next();
            list.removeIf(whom);
            if (list.isEmpty()) {
                lists.remove();
            }
        }
    }

    private void grant(List<Runnable> after) {
        mine.forEach((number, own) -> {
            if (own.heard && !own.over && !own.promise.future().isComplete() && first(number, own)) {
                Turn turn = new Turn(own.startsAt, () -> end(number, own));
                after.add(() -> own.promise.tryComplete(turn));
            }
        });
    }

    private boolean first(long number, Mine own) {
        for (TurnTaken.Part part : own.parts) {
            if (part.windowMillis() > 0) {
                continue;
            }
            int before = 0;
            for (Holder holder : holders.getOrDefault(own.app + "|" + part.scope(), List.of())) {
                if (holder.replica().equals(self) && holder.number() == number) {
                    break;
                }
                before += holder.permits();
            }
            if (before > 0 && before + part.permits() > part.limit()) {
                return false;
            }
        }
        return true;
    }

    private static TurnTaken.Part part(Need need) {
        return new TurnTaken.Part(
                need.scope(), need.limit().count(), need.limit().window().toMillis(), need.permits());
    }
}
