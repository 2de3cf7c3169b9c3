package org.m365connector.graphproxy.throttle;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The scopes of one app, and who waits for them.
 *
 * <pre>
 *   take --everything free, nobody ahead--> Taken --begin--> counted anew, now --leave--> whoever waits next
 *    |                                        `--leave--> as if it had never been
 *    |--wait is short enough--> queue of the scope that holds it up longest --its turn--> Taken
 *    `--too long, queue full--> ThrottledException
 * </pre>
 *
 * All scopes that a call needs are taken at once or none is: no call holds what another one waits for. Nothing here blocks but for
 * the one lock, which nobody holds while he waits; promises are completed outside of it. Who leaves looks only at the scopes that
 * he held, and there at whoever is in front.
 */
final class AppLimits {

    /** Told to everybody who waits for a call to end. */
    static final long SOON = 1_000;

    private final Time time;
    private final Shares shares;
    private final Telling telling;
    private final Scopes scopes = new Scopes();
    private final WaitingRoom waiting;

    /** @param news is told under the lock */
    AppLimits(Time time, Shares shares, Crowd crowd, Telling.News news) {
        this.time = time;
        this.shares = shares;
        telling = new Telling(shares, news);
        waiting = new WaitingRoom(time, shares, crowd, this::enter, this::tick);
    }

    /** Fails with {@link ThrottledException} where it would take too long, or with {@link TurnNeeded}. */
    Future<Taken> take(List<Need> needs, Lane lane, long deadline) {
        synchronized (this) {
            long now = time.millis();
            Scope[] wanted = scopes.of(needs);
            Obstacle obstacle = Obstacle.of(shares, needs, wanted, lane, now, deadline);
            if (obstacle == null) {
                return Future.succeededFuture(enter(needs, wanted, now));
            }
            if (obstacle.needsTurn()) {
                return Future.failedFuture(new TurnNeeded(obstacle.scope().key()));
            }
            return waiting.join(needs, wanted, lane, deadline, obstacle, now);
        }
    }

    /**
     * The call goes out.
     *
     * @return whether it may: nobody has been told to stay away since
     */
    boolean begin(Taken taken, List<String> homes) {
        List<Runnable> after = List.of();
        synchronized (this) {
            long now = time.millis();
            if (scopes.millisClosed(homes, now) > 0) {
                return false;
            }
            if (!taken.begun) {
                taken.begun = true;
                after = begin(taken, now);
            }
        }
        after.forEach(Runnable::run);
        return true;
    }

    private List<Runnable> begin(Taken taken, long now) {
        boolean next = false;
        for (int i = 0; i < taken.scopes.length; i++) {
            Need need = taken.needs.get(i);
            Scope scope = taken.scopes[i];
            scope.begin(need.permits(), taken.at, now);
            telling.begun(scope, need);
            next |= need.turn() && scope.queue().waiting() > 0;
        }
        return next ? drained(taken, now) : List.of();
    }

    boolean isAfter(long then) {
        return time.millis() > then;
    }

    /** The call is over, or does not come. To be called once. */
    void leave(Taken taken) {
        if (taken.begun && !taken.holds) {
            return;
        }
        List<Runnable> after;
        synchronized (this) {
            long now = time.millis();
            boolean next = false;
            for (int i = 0; i < taken.scopes.length; i++) {
                Need need = taken.needs.get(i);
                Scope scope = taken.scopes[i];
                if (taken.begun) {
                    scope.leave(need);
                } else {
                    scope.cancel(need, taken.at, now);
                }
                telling.ended(scope);
                next |= scope.queue().waiting() > 0;
            }
            after = next ? drained(taken, now) : List.of();
        }
        after.forEach(Runnable::run);
    }

    private List<Runnable> drained(Taken taken, long now) {
        List<Runnable> after = new ArrayList<>();
        for (Scope scope : taken.scopes) {
            waiting.drain(scope, now, after);
        }
        waiting.schedule(now);
        return after;
    }

    /** How long to stay away where Graph did not say. */
    synchronized long backoff(String home) {
        return scopes.of(home, Limit.NONE).backoff(time.millis());
    }

    /** Nobody goes there for so long. Whoever would have to wait too long is told now. */
    void close(String home, long millis) {
        List<Runnable> after = new ArrayList<>();
        synchronized (this) {
            long now = time.millis();
            Scope closed = scopes.of(home, Limit.NONE);
            closed.close(now + millis);
            waiting.isClosed(closed, now, after);
        }
        after.forEach(Runnable::run);
    }

    /** Another replica has called. */
    synchronized void usedElsewhere(String key, Limit limit, int calls, long at) {
        scopes.of(key, limit).usedElsewhere(calls, at, time.millis());
    }

    /** All replicas go by turns there until then, beginning with that one. */
    void goByTurns(String key, Limit limit, String opener, long until) {
        change(() -> scopes.of(key, limit), scope -> scope.goByTurns(opener, until));
    }

    /** Nobody stands in line there any more. */
    void isShared(String key) {
        change(() -> scopes.get(key), Scope::isShared);
    }

    /** The others have read that this replica runs so many calls more than its share. */
    synchronized void overHere(String key, int calls) {
        Scope scope = scopes.get(key);
        if (scope != null) {
            scope.overHere(calls);
        }
    }

    /** Another replica runs so many calls more than its share. */
    void overElsewhere(String key, Limit limit, String replica, int calls) {
        change(() -> calls > 0 ? scopes.of(key, limit) : scopes.get(key), scope -> {
            scope.overElsewhere(replica, calls);
            // Nothing to be told of ours: all would answer each other for ever.
            return false;
        });
    }

    /**
     * @param found null where there is no such scope, and need not be
     * @param change says whether the others have to be told what runs there
     */
    private void change(Supplier<Scope> found, Predicate<Scope> change) {
        List<Runnable> after = new ArrayList<>();
        synchronized (this) {
            Scope scope = found.get();
            if (scope != null) {
                if (change.test(scope)) {
                    telling.look(scope);
                }
                drainAndSchedule(scope, after);
            }
        }
        after.forEach(Runnable::run);
    }

    private void drainAndSchedule(Scope scope, List<Runnable> after) {
        long now = time.millis();
        waiting.drain(scope, now, after);
        waiting.schedule(now);
    }

    synchronized void goneElsewhere(String replica) {
        scopes.all().forEach(scope -> scope.goneElsewhere(replica));
    }

    synchronized void keepOnly(Set<String> replicas) {
        scopes.all().forEach(scope -> scope.keepOnly(replicas));
    }

    synchronized void turnsAreForgotten() {
        scopes.all().forEach(Scope::turnsAreForgotten);
    }

    /** Shares may have changed. */
    void sharesHaveChanged() {
        synchronized (this) {
            telling.look(scopes.all());
        }
        look();
    }

    /** Says again what may be lost, and looks whether somebody may go who could not. */
    void look() {
        List<Runnable> after = new ArrayList<>();
        synchronized (this) {
            telling.again();
            for (Scope scope : waiting.scopes()) {
                drainAndSchedule(scope, after);
            }
        }
        after.forEach(Runnable::run);
    }

    /** Calls at once that run. */
    synchronized int running() {
        return scopes.running();
    }

    synchronized int size() {
        return scopes.size();
    }

    synchronized void sweep() {
        scopes.forgetIdle(time.millis());
    }

    private Taken enter(List<Need> needs, Scope[] wanted, long now) {
        boolean whole = shares.whole();
        for (int i = 0; i < wanted.length; i++) {
            wanted[i].enter(needs.get(i), now);
            if (!whole) {
                // Where it comes back to the others, they have to know what it runs of its own accord.
                telling.look(wanted[i]);
            }
        }
        return new Taken(this, needs, wanted, now);
    }

    private void tick(long timer) {
        List<Runnable> after = new ArrayList<>();
        synchronized (this) {
            waiting.tick(timer, after);
        }
        after.forEach(Runnable::run);
    }
}
