package org.m365connector.graphproxy.throttle;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.stream.Stream;

/** Who waits for one scope, in lanes. Guarded by the lock of its app. */
final class ScopeQueue {

    /** Of so many calls that go while both lanes wait, one is of the background: it would never come otherwise. */
    private static final int ONE_IN = 8;

    private final Scope scope;
    private final Queue<Waiter> interactive = newQueue();
    private final Queue<Waiter> sync = newQueue();
    private int interactiveWaiting;
    private int syncWaiting;
    private int sinceSync;

    ScopeQueue(Scope scope) {
        this.scope = scope;
    }

    /** First come, first served, also where somebody has waited elsewhere before. */
    private static Queue<Waiter> newQueue() {
        return new PriorityQueue<>(1, Comparator.comparingLong(waiter -> waiter.number));
    }

    void join(Waiter waiter) {
        waiter.at = scope;
        queue(waiter.lane).add(waiter);
        waiting(waiter.lane, 1);
    }

    /** It waits here no more, and its entry is dropped when it comes to the front. */
    void quit(Waiter waiter) {
        waiter.at = null;
        waiting(waiter.lane, -1);
        for (Lane lane : Lane.ALL) {
            Queue<Waiter> queue = queue(lane);
            while (!queue.isEmpty() && queue.peek().at != scope) {
                queue.poll();
            }
        }
    }

    /** Whose turn it is; only where somebody waits. */
    Waiter next() {
        boolean background = interactiveWaiting == 0 || (syncWaiting > 0 && sinceSync >= ONE_IN - 1);
        return queue(background ? Lane.SYNC : Lane.INTERACTIVE).peek();
    }

    void gone(Lane lane) {
        sinceSync = lane == Lane.SYNC || syncWaiting == 0 ? 0 : sinceSync + 1;
    }

    List<Waiter> everybody() {
        return Stream.concat(interactive.stream(), sync.stream())
                .filter(waiter -> waiter.at == scope)
                .distinct()
                .toList();
    }

    /** Calls that go before somebody who comes now. */
    int ahead(Lane lane) {
        return switch (lane) {
            case INTERACTIVE -> interactiveWaiting;
            case SYNC -> interactiveWaiting + syncWaiting;
        };
    }

    int waiting() {
        return interactiveWaiting + syncWaiting;
    }

    private Queue<Waiter> queue(Lane lane) {
        return switch (lane) {
            case INTERACTIVE -> interactive;
            case SYNC -> sync;
        };
    }

    private void waiting(Lane lane, int more) {
        switch (lane) {
            case INTERACTIVE -> interactiveWaiting += more;
            case SYNC -> syncWaiting += more;
        }
    }
}
