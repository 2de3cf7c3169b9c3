package org.m365connector.graphproxy.throttle;

import java.util.ArrayDeque;
import java.util.Deque;

/** One thing that Graph counts by, and who waits for it here. Guarded by the lock of its app. */
final class Scope {

    /** It is free when a call ends, and nobody knows when that is. */
    static final long UNKNOWN = Long.MAX_VALUE;

    /** Of so many calls that go while both lanes wait, one is of the background: it would never come otherwise. */
    private static final int ONE_IN = 8;

    private static final long LONGEST_BACKOFF = 60_000;

    private final String key;
    private final Limit limit;
    private final Window window;
    private final Deque<Waiter> interactive = new ArrayDeque<>();
    private final Deque<Waiter> sync = new ArrayDeque<>();

    private int inside;
    private int sinceSync;
    private long closedUntil = Long.MIN_VALUE / 2;
    private int strikes;

    Scope(Need need) {
        key = need.scope();
        limit = need.limit();
        window = limit.atOnce() ? null : new Window(limit.window().toMillis());
    }

    String key() {
        return key;
    }

    /**
     * How long until so many calls may go; 0 if now.
     *
     * @param share what this replica may have of the limit
     */
    long millisToWait(int permits, int share, long now) {
        if (closedUntil > now) {
            return closedUntil - now;
        }
        if (limit.none()) {
            return 0;
        }
        // A batch may want more than there ever is. It goes when all is free, and counts whole.
        int wanted = Math.min(permits, share);
        if (window != null) {
            return window.millisUntil(share - wanted, now);
        }
        return inside + wanted <= share ? 0 : UNKNOWN;
    }

    void enter(int permits, long now) {
        if (window != null) {
            window.add(permits, now);
        } else if (!limit.none()) {
            inside += permits;
        }
    }

    void leave(int permits) {
        if (window == null && !limit.none()) {
            inside -= permits;
        }
    }

    /** Somebody was told to stay away until then. */
    void close(long until) {
        closedUntil = Math.max(closedUntil, until);
    }

    boolean closed(long now) {
        return closedUntil > now;
    }

    /** How long to stay away where Graph did not say: longer each time. */
    long backoff(long now) {
        if (now - closedUntil > LONGEST_BACKOFF) {
            strikes = 0;
        }
        return Math.min(LONGEST_BACKOFF, 1000L << Math.min(6, strikes++));
    }

    Deque<Waiter> waiting(Lane lane) {
        return switch (lane) {
            case INTERACTIVE -> interactive;
            case SYNC -> sync;
        };
    }

    /** Calls that go before somebody who comes now. */
    int ahead(Lane lane) {
        return switch (lane) {
            case INTERACTIVE -> interactive.size();
            case SYNC -> interactive.size() + sync.size();
        };
    }

    int waiting() {
        return interactive.size() + sync.size();
    }

    /** The lane whose turn it is; only where somebody waits. */
    Lane next() {
        if (interactive.isEmpty()) {
            return Lane.SYNC;
        }
        return sync.isEmpty() || sinceSync < ONE_IN - 1 ? Lane.INTERACTIVE : Lane.SYNC;
    }

    void gone(Lane lane) {
        sinceSync = lane == Lane.SYNC || sync.isEmpty() ? 0 : sinceSync + 1;
    }

    /** Whether it can be forgotten. */
    boolean idle(long now) {
        return waiting() == 0
                && inside == 0
                && (window == null || window.used(now) == 0)
                && now - closedUntil > LONGEST_BACKOFF;
    }
}
