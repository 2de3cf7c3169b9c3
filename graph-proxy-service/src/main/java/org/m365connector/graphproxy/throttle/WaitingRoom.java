package org.m365connector.graphproxy.throttle;

import io.vertx.core.Future;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Who waits for one app's limits, and who of them goes when. Guarded by the lock of {@link AppLimits}; what is to be told to those
 * who waited is handed back, to be done outside of it.
 */
final class WaitingRoom {

    /** Takes what a call needs that nothing holds up any more. */
    interface Entrance {
        Taken enter(List<Need> needs, Scope[] wanted, long now);
    }

    private final Time time;
    private final Shares shares;
    private final Crowd crowd;
    private final Entrance entrance;
    private final LongConsumer alarm;
    private final Waiting waiting = new Waiting();
    private long timerAt = Long.MAX_VALUE;
    private long number;

    /** @param alarm called without the lock when {@link #tick} is due, with what that wants to be told */
    WaitingRoom(Time time, Shares shares, Crowd crowd, Entrance entrance, LongConsumer alarm) {
        this.time = time;
        this.shares = shares;
        this.crowd = crowd;
        this.entrance = entrance;
        this.alarm = alarm;
    }

    /** Fails where it would take too long, or too many wait. */
    Future<Taken> join(List<Need> needs, Scope[] wanted, Lane lane, long deadline, Obstacle obstacle, long now) {
        if (obstacle.hopeless() || !crowd.admits(obstacle.scope().queue().waiting())) {
            return Future.failedFuture(refusal(obstacle.scope(), obstacle.toldMillis()));
        }
        crowd.joined();
        Waiter waiter = new Waiter(needs, wanted, lane, deadline, ++number);
        waiting.add(waiter, obstacle.scope());
        lookAgain(obstacle, now);
        schedule(now);
        return waiter.promise.future();
    }

    /** Where somebody waits. */
    List<Scope> scopes() {
        return waiting.scopes();
    }

    /** Whoever would have to wait for it too long is told now. */
    void isClosed(Scope closed, long now, List<Runnable> after) {
        for (Scope scope : waiting.scopes()) {
            refuseTheHopeless(closed, scope, now, after);
        }
        schedule(now);
    }

    private void refuseTheHopeless(Scope closed, Scope scope, long now, List<Runnable> after) {
        boolean someGone = false;
        for (Waiter waiter : scope.queue().everybody()) {
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
    void drain(Scope scope, long now, List<Runnable> after) {
        while (scope.queue().waiting() > 0) {
            Waiter waiter = scope.queue().next();
            Obstacle obstacle = Obstacle.of(shares, waiter.needs, waiter.scopes, null, now, waiter.deadline);
            if (obstacle == null) {
                waiting.quit(waiter);
                scope.queue().gone(waiter.lane);
                crowd.left();
                Taken taken = entrance.enter(waiter.needs, waiter.scopes, now);
                after.add(() -> waiter.promise.complete(taken));
            } else if (obstacle.needsTurn()) {
                waiting.quit(waiter);
                crowd.left();
                after.add(() ->
                        waiter.promise.fail(new TurnNeeded(obstacle.scope().key())));
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

    /** To be called when who waits may be others than before. */
    void schedule(long now) {
        long due = waiting.due();
        if (due < timerAt) {
            timerAt = due;
            time.after(Math.max(1, due - now), () -> alarm.accept(due));
        }
    }

    void tick(long timer, List<Runnable> after) {
        if (timerAt == timer) {
            timerAt = Long.MAX_VALUE;
        }
        long now = time.millis();
        for (Waiter late = waiting.late(now); late != null; late = waiting.late(now)) {
            Scope scope = late.at;
            refuse(late, scope, AppLimits.SOON, after);
            // Whoever comes next may want less.
            drain(scope, now, after);
        }
        for (Scope free = waiting.free(now); free != null; free = waiting.free(now)) {
            drain(free, now, after);
        }
        schedule(now);
    }
}
