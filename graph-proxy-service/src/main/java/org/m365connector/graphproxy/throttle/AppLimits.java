package org.m365connector.graphproxy.throttle;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

    /** What holds a call up. */
    private record Obstacle(Scope scope, long millis, boolean hopeless) {
        long toldMillis() {
            return millis == Scope.UNKNOWN ? SOON : millis;
        }
    }

    private final Time time;
    private final Shares shares;
    private final Crowd crowd;
    private final Used used;
    private final Map<String, Scope> scopes = new HashMap<>();

    private final Waiting waiting = new Waiting();
    private long timerAt = Long.MAX_VALUE;
    private long number;

    /** Is told what went to a scope, under the lock. */
    interface Used {
        void tell(Need need, int calls);
    }

    AppLimits(Time time, Shares shares, Crowd crowd, Used used) {
        this.time = time;
        this.shares = shares;
        this.crowd = crowd;
        this.used = used;
    }

    /** Fails with {@link ThrottledException} where it would take too long. */
    Future<Taken> take(List<Need> needs, Lane lane, long deadline) {
        synchronized (this) {
            long now = time.millis();
            Scope[] wanted = scopes(needs);
            Obstacle obstacle = obstacle(needs, wanted, lane, now, deadline);
            if (obstacle == null) {
                return Future.succeededFuture(enter(needs, wanted, now));
            }
            if (obstacle.hopeless() || !crowd.admits(obstacle.scope().waiting())) {
                return Future.failedFuture(refusal(obstacle.scope(), obstacle.toldMillis()));
            }
            crowd.joined();
            Waiter waiter = new Waiter(needs, wanted, lane, deadline, ++number);
            waiting.add(waiter, obstacle.scope());
            lookAgain(obstacle, now);
            schedule(now);
            return waiter.promise.future();
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
            if (closedFor(homes, now) > 0) {
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
            int calls = need.whole() ? 0 : scope.toTell(need.permits(), shares.of(need, true));
            if (calls > 0) {
                used.tell(need, calls);
            }
            next |= need.turn() && scope.waiting() > 0;
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
                    scope.leave(need.permits());
                } else {
                    scope.cancel(need.permits(), taken.at, now);
                }
                next |= scope.waiting() > 0;
            }
            after = next ? drained(taken, now) : List.of();
        }
        after.forEach(Runnable::run);
    }

    private List<Runnable> drained(Taken taken, long now) {
        List<Runnable> after = new ArrayList<>();
        for (Scope scope : taken.scopes) {
            drain(scope, now, after);
        }
        schedule(now);
        return after;
    }

    private long closedFor(List<String> homes, long now) {
        long longest = 0;
        for (String home : homes) {
            Scope scope = scopes.get(home);
            if (scope != null) {
                longest = Math.max(longest, scope.millisClosed(now));
            }
        }
        return longest;
    }

    /** How long to stay away where Graph did not say. */
    synchronized long backoff(String home) {
        return scope(home, Limit.NONE).backoff(time.millis());
    }

    /** Nobody goes there for so long. Whoever would have to wait too long is told now. */
    void close(String home, long millis) {
        List<Runnable> after = new ArrayList<>();
        synchronized (this) {
            long now = time.millis();
            Scope closed = scope(home, Limit.NONE);
            closed.close(now + millis);
            for (Scope scope : waiting.scopes()) {
                refuseTheHopeless(closed, scope, now, after);
            }
            schedule(now);
        }
        after.forEach(Runnable::run);
    }

    /** Another replica has called. */
    synchronized void usedElsewhere(String key, Limit limit, int calls, long at) {
        scope(key, limit).usedElsewhere(calls, at, time.millis());
    }

    synchronized int size() {
        return scopes.size();
    }

    synchronized void sweep() {
        long now = time.millis();
        scopes.values().removeIf(scope -> scope.idle(now));
    }

    private Scope[] scopes(List<Need> needs) {
        Scope[] wanted = new Scope[needs.size()];
        for (int i = 0; i < wanted.length; i++) {
            Need need = needs.get(i);
            wanted[i] = scope(need.scope(), need.limit());
        }
        return wanted;
    }

    private Scope scope(String key, Limit limit) {
        Scope scope = scopes.get(key);
        if (scope == null) {
            scope = new Scope(key, limit);
            scopes.put(key, scope);
        }
        return scope;
    }

    /**
     * What holds a call up longest; null where nothing does.
     *
     * @param newcomer the lane of a call that comes now, and overtakes nobody; null for who is in front
     */
    private Obstacle obstacle(List<Need> needs, Scope[] wanted, Lane newcomer, long now, long deadline) {
        Scope longestScope = null;
        long longest = 0;
        boolean whole = shares.whole();
        for (int i = 0; i < wanted.length; i++) {
            Need need = needs.get(i);
            Scope scope = wanted[i];
            int ahead = newcomer == null || scope.waiting() == 0 ? 0 : scope.ahead(newcomer);
            long wait = scope.millisToWait(need, ahead, shares.of(need, whole), now);
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

    private Taken enter(List<Need> needs, Scope[] wanted, long now) {
        for (int i = 0; i < wanted.length; i++) {
            wanted[i].enter(needs.get(i).permits(), now);
        }
        return new Taken(this, needs, wanted, now);
    }

    private void refuseTheHopeless(Scope closed, Scope scope, long now, List<Runnable> after) {
        boolean someGone = false;
        for (Waiter waiter : scope.everybody()) {
            if (now + closed.millisClosed(now) > waiter.deadline && waiter.needs(closed)) {
                refuse(waiter, closed, closed.millisClosed(now), after);
                someGone = true;
            }
        }
        if (someGone) {
            drain(scope, now, after);
        }
    }

    /** Lets go whoever can, in their order. */
    private void drain(Scope scope, long now, List<Runnable> after) {
        while (scope.waiting() > 0) {
            Waiter waiter = scope.next();
            Obstacle obstacle = obstacle(waiter.needs, waiter.scopes, null, now, waiter.deadline);
            if (obstacle == null) {
                waiting.quit(waiter);
                scope.gone(waiter.lane);
                crowd.left();
                Taken taken = enter(waiter.needs, waiter.scopes, now);
                after.add(() -> waiter.promise.complete(taken));
            } else if (obstacle.hopeless()) {
                refuse(waiter, obstacle.scope(), obstacle.toldMillis(), after);
            } else if (obstacle.scope() == scope) {
                lookAgain(obstacle, now);
                return;
            } else {
                waiting.move(waiter, obstacle.scope());
                lookAgain(obstacle, now);
            }
        }
    }

    private void refuse(Waiter waiter, Scope cause, long wait, List<Runnable> after) {
        waiting.quit(waiter);
        crowd.left();
        ThrottledException refusal = refusal(cause, wait);
        after.add(() -> waiter.promise.fail(refusal));
    }

    private ThrottledException refusal(Scope cause, long wait) {
        crowd.refused();
        return new ThrottledException(cause.key(), wait);
    }

    /** When it is known when the scope is free; else whoever leaves looks. */
    private void lookAgain(Obstacle obstacle, long now) {
        if (obstacle.millis() != Scope.UNKNOWN) {
            waiting.lookAgain(obstacle.scope(), now + obstacle.millis());
        }
    }

    private void schedule(long now) {
        long due = waiting.due();
        if (due < timerAt) {
            timerAt = due;
            time.after(Math.max(1, due - now), () -> tick(due));
        }
    }

    private void tick(long timer) {
        List<Runnable> after = new ArrayList<>();
        synchronized (this) {
            if (timerAt == timer) {
                timerAt = Long.MAX_VALUE;
            }
            long now = time.millis();
            for (Waiter late = waiting.late(now); late != null; late = waiting.late(now)) {
                Scope scope = late.at;
                refuse(late, scope, SOON, after);
                // Whoever comes next may want less.
                drain(scope, now, after);
            }
            for (Scope free = waiting.free(now); free != null; free = waiting.free(now)) {
                drain(free, now, after);
            }
            schedule(now);
        }
        after.forEach(Runnable::run);
    }
}
