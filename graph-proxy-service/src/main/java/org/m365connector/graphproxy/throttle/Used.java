package org.m365connector.graphproxy.throttle;

/** What is used of a limit in a time, here and, as far as it was told, elsewhere. Guarded by the lock of its app. */
final class Used {

    /** Use of limits that count for so long is told to the others; what is shorter is over before it helps anybody. */
    static final long TOLD_FROM_MILLIS = 10_000;

    /** What a replica has used and not told is at most so small a part of its share. */
    static final int TOLD_PARTS = 16;

    private final Limit limit;

    /** Calls of this replica. */
    private final Window own;

    /** Calls of all replicas as far as they were told; null where nothing was. */
    private Window all;

    private int untold;

    Used(Limit limit) {
        this.limit = limit;
        own = new Window(limit.window().toMillis());
    }

    /**
     * How long until so many may go; 0 if now.
     *
     * @param ahead calls that go before, and fill windows of their own
     * @param share what this replica may have of the limit, at least 1
     * @param untold what others may have used beyond what they told
     */
    long millisToWait(int places, int ahead, int share, int untold, long now) {
        int before = ahead + places - 1;
        long wait = own.millisUntil(share - before % share - 1, now) + (long) (before / share) * own.millis();
        return all == null ? wait : Math.max(wait, all.millisUntil(Math.max(0, limit.count() - untold - places), now));
    }

    void count(int permits, long at, long now) {
        own.add(permits, at, now);
        if (all != null) {
            all.add(permits, at, now);
        }
    }

    void uncount(int permits, long at, long now) {
        own.remove(permits, at, now);
        if (all != null) {
            all.remove(permits, at, now);
        }
    }

    /** Another replica has told what it used. */
    void elsewhere(int calls, long at, long now) {
        all = all == null ? own.copy() : all;
        all.add(calls, at, now);
    }

    /** How many calls the others are to be told of now that so many more have begun; 0 for not yet. */
    int toTell(int permits, int share) {
        if (limit.window().toMillis() < TOLD_FROM_MILLIS) {
            return 0;
        }
        untold += permits;
        int told = untold >= Math.max(1, share / TOLD_PARTS) ? untold : 0;
        untold -= told;
        return told;
    }

    boolean nothing(long now) {
        return own.used(now) == 0 && (all == null || all.used(now) == 0);
    }
}
