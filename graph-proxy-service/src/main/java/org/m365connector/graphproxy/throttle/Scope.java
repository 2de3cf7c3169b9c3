package org.m365connector.graphproxy.throttle;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.stream.Stream;

/** One thing that Graph counts by, and who waits for it here. Guarded by the lock of its app. */
final class Scope {

    /** It is free when a call ends, and nobody knows when that is. */
    static final long UNKNOWN = Long.MAX_VALUE;

    /** Use of limits that count for so long is told to the others; what is shorter is over before it helps anybody. */
    static final long TOLD_FROM_MILLIS = 10_000;

    /** What a replica has used and not told is at most so small a part of its share. */
    private static final int TOLD_PARTS = 16;

    /** Of so many calls that go while both lanes wait, one is of the background: it would never come otherwise. */
    private static final int ONE_IN = 8;

    private static final long LONGEST_BACKOFF = 60_000;

    private final String key;
    private final Limit limit;

    /** Calls of this replica; null where calls at once are counted. */
    private final Window own;

    /** Calls of all replicas as far as they were told; null where nothing was. */
    private Window all;

    private final Queue<Waiter> interactive = newQueue();
    private final Queue<Waiter> sync = newQueue();
    private int interactiveWaiting;
    private int syncWaiting;

    /** Calls at once; of calls in a time those that have not begun yet. */
    private int inside;

    private int untold;
    private int sinceSync;
    private long closedUntil = Long.MIN_VALUE / 2;
    private int strikes;

    /** When it is to be looked at again. */
    long wakeAt = Long.MAX_VALUE;

    /** How many will take of it when they have waited, here or elsewhere. */
    int wanted;

    Scope(String key, Limit limit) {
        this.key = key;
        this.limit = limit;
        own = limit.atOnce() ? null : new Window(limit.window().toMillis());
    }

    /** First come, first served, also where somebody has waited elsewhere before. */
    private static Queue<Waiter> newQueue() {
        return new PriorityQueue<>(1, Comparator.comparingLong(waiter -> waiter.number));
    }

    String key() {
        return key;
    }

    Limit limit() {
        return limit;
    }

    /**
     * How long until it may go; 0 if now.
     *
     * @param ahead calls that go before
     * @param share what this replica may have of the limit
     */
    long millisToWait(Need need, int ahead, int share, long now) {
        if (closedUntil > now) {
            return closedUntil - now;
        }
        if (limit.none()) {
            return 0;
        }
        // A batch may want more than there ever is. It goes when all is free, and counts whole.
        int places = Math.min(need.permits(), share);
        boolean free = inside + places + ahead <= share;
        if (own == null) {
            return free ? 0 : UNKNOWN;
        }
        // Those ahead fill windows of their own.
        int before = ahead + places - 1;
        long wait = own.millisUntil(share - before % share - 1, now) + (long) (before / share) * own.millis();
        if (all != null) {
            wait = Math.max(wait, all.millisUntil(limit.count() - places, now));
        }
        return wait == 0 && need.turn() && !free ? UNKNOWN : wait;
    }

    /** A call is let go. From now on it counts, though it goes out a little later. */
    void enter(int permits, long now) {
        if (limit.none()) {
            return;
        }
        inside += permits;
        count(permits, now, now);
    }

    /** It goes out now: that is when Graph counts it. */
    void begin(int permits, long enteredAt, long now) {
        if (own != null) {
            inside -= permits;
            if (enteredAt != now) {
                uncount(permits, enteredAt, now);
                count(permits, now, now);
            }
        }
    }

    /** It has ended. */
    void leave(int permits) {
        if (own == null && !limit.none()) {
            inside -= permits;
        }
    }

    /** It has not gone out. */
    void cancel(int permits, long enteredAt, long now) {
        if (limit.none()) {
            return;
        }
        inside -= permits;
        uncount(permits, enteredAt, now);
    }

    private void count(int permits, long at, long now) {
        if (own != null) {
            own.add(permits, at, now);
            if (all != null) {
                all.add(permits, at, now);
            }
        }
    }

    private void uncount(int permits, long at, long now) {
        if (own != null) {
            own.remove(permits, at, now);
            if (all != null) {
                all.remove(permits, at, now);
            }
        }
    }

    /** Another replica has told what it used. */
    void usedElsewhere(int calls, long at, long now) {
        if (own != null) {
            all = all == null ? own.copy() : all;
            all.add(calls, at, now);
        }
    }

    /** How many calls the others are to be told of now that so many more have begun; 0 for not yet. */
    int toTell(int permits, int share) {
        if (own == null || limit.window().toMillis() < TOLD_FROM_MILLIS) {
            return 0;
        }
        untold += permits;
        int told = untold >= Math.max(1, share / TOLD_PARTS) ? untold : 0;
        untold -= told;
        return told;
    }

    /** Somebody was told to stay away until then. */
    void close(long until) {
        closedUntil = Math.max(closedUntil, until);
    }

    /** How long it stays closed; 0 if it is open. */
    long millisClosed(long now) {
        return Math.max(0, closedUntil - now);
    }

    /** How long to stay away where Graph did not say: longer each time. */
    long backoff(long now) {
        if (now - closedUntil > LONGEST_BACKOFF) {
            strikes = 0;
        }
        return Math.min(LONGEST_BACKOFF, 1000L << Math.min(6, strikes++));
    }

    void join(Waiter waiter) {
        waiter.at = this;
        queue(waiter.lane).add(waiter);
        waiting(waiter.lane, 1);
    }

    /** It waits here no more, and its entry is dropped when it comes to the front. */
    void quit(Waiter waiter) {
        waiter.at = null;
        waiting(waiter.lane, -1);
        for (Lane lane : Lane.ALL) {
            Queue<Waiter> queue = queue(lane);
            while (!queue.isEmpty() && queue.peek().at != this) {
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
                .filter(waiter -> waiter.at == this)
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

    /** Whether it can be forgotten. */
    boolean idle(long now) {
        return wanted == 0
                && inside == 0
                && (own == null || own.used(now) == 0)
                && (all == null || all.used(now) == 0)
                && now - closedUntil > LONGEST_BACKOFF;
    }
}
