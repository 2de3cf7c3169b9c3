package org.m365connector.graphproxy.throttle;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;

/** Who waits for one app's limits, and when to look after them. Guarded by the lock of {@link AppLimits}. */
final class Waiting {

    private record Wake(long at, Scope scope) {}

    private final Set<Scope> busy = new LinkedHashSet<>();
    private final Queue<Waiter> deadlines = new PriorityQueue<>(Comparator.comparingLong(waiter -> waiter.deadline));
    private final Queue<Wake> wakes = new PriorityQueue<>(Comparator.comparingLong(Wake::at));

    void add(Waiter waiter, Scope scope) {
        deadlines.add(waiter);
        for (Scope wanted : waiter.scopes) {
            wanted.wanted++;
        }
        join(waiter, scope);
    }

    /** It waits for something else now. */
    void move(Waiter waiter, Scope scope) {
        part(waiter);
        join(waiter, scope);
    }

    /** It waits no more. */
    void quit(Waiter waiter) {
        for (Scope wanted : waiter.scopes) {
            wanted.wanted--;
        }
        part(waiter);
    }

    private void join(Waiter waiter, Scope scope) {
        scope.queue().join(waiter);
        busy.add(scope);
    }

    private void part(Waiter waiter) {
        Scope scope = waiter.at;
        scope.queue().quit(waiter);
        if (scope.queue().waiting() == 0) {
            busy.remove(scope);
        }
    }

    /** Where somebody waits. */
    List<Scope> scopes() {
        return List.copyOf(busy);
    }

    void lookAgain(Scope scope, long at) {
        if (at < scope.wakeAt) {
            scope.wakeAt = at;
            wakes.add(new Wake(at, scope));
        }
    }

    /** When somebody has to be looked after next. */
    long due() {
        while (!deadlines.isEmpty() && deadlines.peek().at == null) {
            deadlines.poll();
        }
        while (!wakes.isEmpty() && wakes.peek().at() != wakes.peek().scope().wakeAt) {
            wakes.poll();
        }
        long due = deadlines.isEmpty() ? Long.MAX_VALUE : deadlines.peek().deadline;
        return wakes.isEmpty() ? due : Math.min(due, wakes.peek().at());
    }

    /** Somebody who has waited too long; null if nobody has. */
    Waiter late(long now) {
        while (!deadlines.isEmpty() && deadlines.peek().deadline <= now) {
            Waiter late = deadlines.poll();
            if (late.at != null) {
                return late;
            }
        }
        return null;
    }

    /** A scope that may be free by now; null if there is none. */
    Scope free(long now) {
        while (!wakes.isEmpty() && wakes.peek().at() <= now) {
            Wake wake = wakes.poll();
            if (wake.at() == wake.scope().wakeAt) {
                wake.scope().wakeAt = Long.MAX_VALUE;
                return wake.scope();
            }
        }
        return null;
    }
}
