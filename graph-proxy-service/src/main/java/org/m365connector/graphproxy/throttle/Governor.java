package org.m365connector.graphproxy.throttle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.m365connector.events.ScopeThrottled;

/**
 * Lets calls to Graph go, or wait, or be refused.
 *
 * <pre>
 *   ask --everything free, nobody before me--> Permit --release--> whoever waits next
 *    |--wait is short enough--> queue of the scope that holds it up --its turn--> Permit
 *    `--too long, queue full--> ThrottledException
 * </pre>
 *
 * All scopes that a call needs are taken at once or none is, under one lock for each app: no call holds what another one waits
 * for. Nothing here blocks but for that lock, which nobody holds while he waits. Answers may come on any thread.
 */
public final class Governor {

    /** Told to everybody who waits for a call to end. */
    private static final long SOON = 1_000;

    /**
     * @param interactive how long a call may wait, and so on for each lane
     * @param queue how many may wait for one scope
     */
    record Patience(Duration interactive, Duration sync, int queue) {
        long millis(Lane lane) {
            return switch (lane) {
                case INTERACTIVE -> interactive.toMillis();
                case SYNC -> sync.toMillis();
            };
        }
    }

    /** @param millis until it is free, or {@link Scope#UNKNOWN} */
    private record Obstacle(Scope scope, long millis, boolean hopeless) {
        long freeAt(long now) {
            return millis == Scope.UNKNOWN ? Long.MAX_VALUE : now + millis;
        }

        long toldMillis() {
            return millis == Scope.UNKNOWN ? SOON : millis;
        }
    }

    private static final class App {
        private final Map<String, Scope> scopes = new HashMap<>();

        /** Scopes for which somebody waits. */
        private final Set<Scope> busy = new LinkedHashSet<>();

        private long wakeAt = Long.MAX_VALUE;
    }

    private final Fleet fleet;
    private final Turns turns;
    private final Patience patience;
    private final Clock clock;
    private final Timers timers;
    private final Consumer<ScopeThrottled> publisher;
    private final String self;
    private final Map<String, App> apps = new ConcurrentHashMap<>();
    private final AtomicLong waited = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    Governor(
            String self,
            Fleet fleet,
            Turns turns,
            Patience patience,
            Clock clock,
            Timers timers,
            Consumer<ScopeThrottled> publisher) {
        this.self = self;
        this.fleet = fleet;
        this.turns = turns;
        this.patience = patience;
        this.clock = clock;
        this.timers = timers;
        this.publisher = publisher;
    }

    /** Fails with {@link ThrottledException} where it would take too long. */
    public Future<Permit> ask(Demand demand, Lane lane) {
        long deadline = clock.millis() + patience.millis(lane);
        List<Need> scarce = scarce(demand);
        return scarce.isEmpty() ? ask(demand, lane, deadline) : askInTurn(demand, scarce, lane, deadline);
    }

    /** Calls that are waiting now. */
    public int waiting() {
        int sum = 0;
        for (App app : apps.values()) {
            synchronized (app) {
                for (Scope scope : app.busy) {
                    sum += scope.waiting();
                }
            }
        }
        return sum;
    }

    /** Calls that had to wait since the start. */
    public long waited() {
        return waited.get();
    }

    /** Calls that were refused since the start. */
    public long refused() {
        return refused.get();
    }

    private List<Need> scarce(Demand demand) {
        int members = fleet.members();
        if (members == 1) {
            return List.of();
        }
        List<Need> scarce = List.of();
        for (Need need : demand.needs()) {
            if (!need.whole() && need.limit().count() < members) {
                scarce = scarce.isEmpty() ? new ArrayList<>() : scarce;
                scarce.add(need);
            }
        }
        return scarce;
    }

    private Future<Permit> ask(Demand demand, Lane lane, long deadline) {
        App app = apps.computeIfAbsent(demand.app(), name -> new App());
        synchronized (app) {
            long now = clock.millis();
            Obstacle obstacle = obstacle(app, demand, Optional.of(lane), now, deadline);
            if (obstacle == null) {
                enter(app, demand, now);
                return Future.succeededFuture(new Permit(this, demand, () -> {}));
            }
            if (obstacle.hopeless() || obstacle.scope().waiting() >= patience.queue()) {
                refused.incrementAndGet();
                return Future.failedFuture(
                        new ThrottledException(obstacle.scope().key(), obstacle.toldMillis()));
            }
            waited.incrementAndGet();
            Promise<Permit> promise = Promise.promise();
            obstacle.scope().waiting(lane).addLast(new Waiter(demand, lane, deadline, promise));
            app.busy.add(obstacle.scope());
            wake(app, Math.min(deadline, obstacle.freeAt(now)));
            return promise.future();
        }
    }

    /**
     * What holds a call up longest; null where nothing does.
     *
     * @param newcomer the lane of a call that comes now, and overtakes nobody
     */
    private Obstacle obstacle(App app, Demand demand, Optional<Lane> newcomer, long now, long deadline) {
        Scope longestScope = null;
        long longest = 0;
        for (Need need : demand.needs()) {
            Scope scope = scope(app, need);
            int ahead = newcomer.isEmpty() || scope.waiting() == 0 ? 0 : scope.ahead(newcomer.get());
            long wait = scope.millisToWait(need.permits() + ahead, share(need), now);
            if (wait != Scope.UNKNOWN && now + wait > deadline) {
                return new Obstacle(scope, wait, true);
            }
            wait = wait == 0 && ahead > 0 ? 1 : wait;
            if (wait > longest) {
                longest = wait;
                longestScope = scope;
            }
        }
        return longestScope == null ? null : new Obstacle(longestScope, longest, false);
    }

    /** First the other replicas, then what is ours alone. */
    private Future<Permit> askInTurn(Demand demand, List<Need> scarce, Lane lane, long deadline) {
        long now = clock.millis();
        long wait = Math.max(closedFor(demand, now), turns.millisToWait(demand.app(), scarce, now));
        if (now + wait > deadline) {
            refused.incrementAndGet();
            return Future.failedFuture(new ThrottledException(scarce.get(0).scope(), wait));
        }
        Future<Turns.Turn> turn = turns.take(demand.app(), scarce);
        Promise<Permit> promise = Promise.promise();
        AtomicLong given = new AtomicLong();
        timers.after(deadline - now, () -> {
            if (given.compareAndSet(0, 1)) {
                refused.incrementAndGet();
                promise.fail(new ThrottledException(scarce.get(0).scope(), SOON));
            }
        });
        turn.onComplete(taken -> {
            boolean inTime = given.compareAndSet(0, 1);
            if (taken.failed()) {
                if (inTime) {
                    ask(alone(demand, scarce), lane, deadline).onComplete(promise);
                }
            } else if (!inTime) {
                taken.result().end().run();
            } else {
                begin(demand, scarce, lane, deadline, taken.result()).onComplete(promise);
            }
        });
        return promise.future();
    }

    private Future<Permit> begin(Demand demand, List<Need> scarce, Lane lane, long deadline, Turns.Turn turn) {
        long wait = turn.startsAt() - clock.millis();
        if (clock.millis() + wait > deadline) {
            turn.end().run();
            refused.incrementAndGet();
            return Future.failedFuture(new ThrottledException(scarce.get(0).scope(), wait));
        }
        Promise<Permit> promise = Promise.promise();
        Runnable go = () -> ask(without(demand, scarce), lane, deadline)
                .onSuccess(rest -> promise.complete(new Permit(
                        this,
                        new Demand(demand.app(), demand.homes(), rest.demand().needs()),
                        turn.end())))
                .onFailure(refusal -> {
                    turn.end().run();
                    promise.fail(refusal);
                });
        if (wait > 0) {
            waited.incrementAndGet();
            timers.after(wait, go);
        } else {
            go.run();
        }
        return promise.future();
    }

    private Demand without(Demand demand, List<Need> scarce) {
        return new Demand(
                demand.app(),
                demand.homes(),
                demand.needs().stream().filter(need -> !scarce.contains(need)).toList());
    }

    /** Kafka is away, and nobody can be asked: what is surely ours. */
    private Demand alone(Demand demand, List<Need> scarce) {
        int members = fleet.members();
        List<Need> needs = new ArrayList<>(without(demand, scarce).needs());
        for (Need need : scarce) {
            needs.add(new Need(need.scope() + "#1/" + members, need.limit().alone(members), need.permits(), true));
        }
        return new Demand(demand.app(), demand.homes(), needs);
    }

    private void enter(App app, Demand demand, long now) {
        for (Need need : demand.needs()) {
            scope(app, need).enter(need.permits(), now);
        }
    }

    void leave(Demand demand) {
        boolean holds = false;
        for (Need need : demand.needs()) {
            holds |= need.limit().atOnce() && !need.limit().none();
        }
        if (!holds) {
            return;
        }
        App app = apps.computeIfAbsent(demand.app(), name -> new App());
        List<Runnable> after = new ArrayList<>();
        synchronized (app) {
            for (Need need : demand.needs()) {
                Scope scope = scope(app, need);
                scope.leave(need.permits());
            }
            if (!app.busy.isEmpty()) {
                drain(app, after);
            }
        }
        after.forEach(Runnable::run);
    }

    boolean open(Demand demand) {
        return closedFor(demand, clock.millis()) == 0;
    }

    private long closedFor(Demand demand, long now) {
        App app = apps.get(demand.app());
        if (app == null) {
            return 0;
        }
        long longest = 0;
        synchronized (app) {
            for (String home : demand.homes()) {
                Scope scope = app.scopes.get(home);
                if (scope != null && scope.closed(now)) {
                    longest = Math.max(longest, scope.millisToWait(1, 1, now));
                }
            }
        }
        return longest;
    }

    Duration throttled(Demand demand, int item, Optional<Duration> retryAfter) {
        String home = demand.homes().get(Math.min(item, demand.homes().size() - 1));
        long now = clock.millis();
        long until;
        App app = apps.computeIfAbsent(demand.app(), name -> new App());
        synchronized (app) {
            Scope scope = scope(app, new Need(home, Limit.NONE, 1, true));
            long wait = retryAfter.map(Duration::toMillis).orElseGet(() -> {
                long backoff = scope.backoff(now);
                return backoff + ThreadLocalRandom.current().nextLong(backoff / 4 + 1);
            });
            until = now + wait;
        }
        close(demand.app(), home, until);
        publisher.accept(new ScopeThrottled(demand.app(), home, self, Instant.ofEpochMilli(until)));
        return Duration.ofMillis(until - now);
    }

    /** Another replica was told. */
    void heard(ScopeThrottled event) {
        if (!event.replica().equals(self)) {
            close(event.app(), event.scope(), event.until().toEpochMilli());
        }
    }

    private void close(String name, String home, long until) {
        if (until <= clock.millis()) {
            return;
        }
        App app = apps.computeIfAbsent(name, n -> new App());
        List<Runnable> after = new ArrayList<>();
        synchronized (app) {
            scope(app, new Need(home, Limit.NONE, 1, true)).close(until);
            // Whoever would have to wait too long now is told now.
            drain(app, after);
        }
        after.forEach(Runnable::run);
    }

    /** Lets go whoever can, refuses whoever waits in vain. */
    private void drain(App app, List<Runnable> after) {
        long now = clock.millis();
        long wakeAt = Long.MAX_VALUE;
        // Whoever moves to another queue is looked at there.
        for (Scope scope : List.copyOf(app.busy)) {
            wakeAt = Math.min(wakeAt, drain(app, scope, now, after));
        }
        for (Scope scope : app.busy) {
            wakeAt = Math.min(wakeAt, earliestDeadline(scope));
        }
        app.busy.removeIf(scope -> scope.waiting() == 0);
        if (wakeAt != Long.MAX_VALUE) {
            wake(app, Math.max(now + 1, wakeAt));
        }
    }

    /** @return when to look again */
    private long drain(App app, Scope scope, long now, List<Runnable> after) {
        for (Lane lane : Lane.values()) {
            scope.waiting(lane).removeIf(waiter -> {
                boolean late = waiter.deadline() <= now;
                if (late) {
                    refuse(waiter, scope, SOON, after);
                }
                return late;
            });
        }
        while (scope.waiting() > 0) {
            Lane lane = scope.next();
            Waiter waiter = scope.waiting(lane).peekFirst();
            Obstacle obstacle = obstacle(app, waiter.demand(), Optional.empty(), now, waiter.deadline());
            if (obstacle != null && obstacle.hopeless()) {
                scope.waiting(lane).removeFirst();
                refuse(waiter, obstacle.scope(), obstacle.toldMillis(), after);
            } else if (obstacle != null && obstacle.scope() == scope) {
                return obstacle.freeAt(now);
            } else if (obstacle != null) {
                scope.waiting(lane).removeFirst();
                obstacle.scope().waiting(lane).addLast(waiter);
                app.busy.add(obstacle.scope());
                wake(app, obstacle.freeAt(now));
            } else {
                scope.waiting(lane).removeFirst();
                scope.gone(lane);
                enter(app, waiter.demand(), now);
                after.add(() -> waiter.promise().complete(new Permit(this, waiter.demand(), () -> {})));
            }
        }
        return Long.MAX_VALUE;
    }

    private void refuse(Waiter waiter, Scope scope, long wait, List<Runnable> after) {
        refused.incrementAndGet();
        after.add(() -> waiter.promise().fail(new ThrottledException(scope.key(), wait)));
    }

    private static long earliestDeadline(Scope scope) {
        long earliest = Long.MAX_VALUE;
        for (Lane lane : Lane.values()) {
            for (Waiter waiter : scope.waiting(lane)) {
                earliest = Math.min(earliest, waiter.deadline());
            }
        }
        return earliest;
    }

    private void wake(App app, long at) {
        if (at >= app.wakeAt) {
            return;
        }
        app.wakeAt = at;
        timers.after(Math.max(1, at - clock.millis()), () -> {
            List<Runnable> after = new ArrayList<>();
            synchronized (app) {
                if (app.wakeAt == at) {
                    app.wakeAt = Long.MAX_VALUE;
                }
                drain(app, after);
            }
            after.forEach(Runnable::run);
        });
    }

    private int share(Need need) {
        if (need.whole() || need.limit().none()) {
            return need.limit().count();
        }
        // Replicas have come since it was asked for: the last one of a share that is no more goes as if it were one.
        return Math.max(1, fleet.share(need.scope(), need.limit().count()));
    }

    private static Scope scope(App app, Need need) {
        return app.scopes.computeIfAbsent(need.scope(), key -> new Scope(need));
    }

    /** Scopes in memory. */
    int scopes() {
        int sum = 0;
        for (App app : apps.values()) {
            synchronized (app) {
                sum += app.scopes.size();
            }
        }
        return sum;
    }

    /** Forgets what nobody uses. To be called now and then. */
    void sweep() {
        long now = clock.millis();
        Collection<App> all = apps.values();
        for (App app : all) {
            synchronized (app) {
                app.scopes.values().removeIf(scope -> scope.idle(now));
            }
        }
    }
}
