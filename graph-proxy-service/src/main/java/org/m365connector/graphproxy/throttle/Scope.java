package org.m365connector.graphproxy.throttle;

import java.util.Optional;
import java.util.Set;

/** One thing that Graph counts by, and who waits for it here. Guarded by the lock of its app. */
final class Scope {

    /** It is free when a call ends, and nobody knows when that is. */
    static final long UNKNOWN = Long.MAX_VALUE;

    private static final long NEVER = Long.MIN_VALUE / 2;

    private static final long LONGEST_BACKOFF = 60_000;

    private final String key;
    private final Limit limit;

    /** Null where calls at once are counted. */
    private final Used used;

    private final Inside inside = new Inside();
    private final ScopeQueue queue = new ScopeQueue(this);

    /** Until then nobody goes by his share. */
    private long byTurnsUntil = NEVER;

    /** Who took the first of those turns. */
    private String opener;

    private long closedUntil = NEVER;
    private int strikes;

    /** When it is to be looked at again. */
    long wakeAt = Long.MAX_VALUE;

    /** How many will take of it when they have waited, here or elsewhere. */
    int wanted;

    Scope(String key, Limit limit) {
        this.key = key;
        this.limit = limit;
        used = limit.atOnce() ? null : new Used(limit);
    }

    String key() {
        return key;
    }

    /** Who waits for it here. */
    ScopeQueue queue() {
        return queue;
    }

    Limit limit() {
        return limit;
    }

    /**
     * How long until it may go; 0 if now.
     *
     * @param ahead calls that go before
     * @param share what this replica may have of the limit
     * @param untold what others may have used of it in its time and not told
     */
    long millisToWait(Need need, int ahead, int share, int untold, long now) {
        if (closedUntil > now) {
            return closedUntil - now;
        }
        if (limit.none()) {
            return 0;
        }
        int most = need.by() == Need.By.SHARE ? share - inside.over() : share;
        if (most < 1) {
            return UNKNOWN;
        }
        // A batch may want more than there ever is. It goes when all is free, and counts whole.
        int places = Math.min(need.permits(), most);
        boolean free = inside.calls() + places + ahead <= most;
        if (used == null) {
            return free ? 0 : UNKNOWN;
        }
        long wait = used.millisToWait(places, ahead, share, untold, now);
        return wait == 0 && need.turn() && !free ? UNKNOWN : wait;
    }

    /** A call is let go. From now on it counts, though it goes out a little later. */
    void enter(Need need, long now) {
        if (limit.none()) {
            return;
        }
        inside.enter(need);
        if (used != null) {
            used.count(need.permits(), now, now);
        }
    }

    /** It goes out now: that is when Graph counts it. */
    void begin(int permits, long enteredAt, long now) {
        if (used != null) {
            inside.begin(permits);
            if (enteredAt != now) {
                used.uncount(permits, enteredAt, now);
                used.count(permits, now, now);
            }
        }
    }

    /** It has ended. */
    void leave(Need need) {
        if (used == null && !limit.none()) {
            inside.exit(need);
        }
    }

    /** It has not gone out. */
    void cancel(Need need, long enteredAt, long now) {
        if (limit.none()) {
            return;
        }
        inside.exit(need);
        if (used != null) {
            used.uncount(need.permits(), enteredAt, now);
        }
    }

    /** Calls at once that run. */
    int running() {
        return used == null ? inside.calls() : 0;
    }

    /** Calls at once that went by this replica's share, and do not stand on the topic. */
    int byShare() {
        return used == null ? inside.byShare() : 0;
    }

    /** What stood on the topic of ours is forgotten there. */
    void turnsAreForgotten() {
        inside.turnsAreForgotten();
    }

    /**
     * From now on all replicas go by turns, until then.
     *
     * @return whether it is another one who began
     */
    boolean goByTurns(String first, long until) {
        boolean another = !first.equals(opener);
        byTurnsUntil = Math.max(byTurnsUntil, until);
        opener = first;
        return another;
    }

    /** @return whether that is new */
    boolean isShared() {
        boolean before = opener == null;
        byTurnsUntil = NEVER;
        opener = null;
        return !before;
    }

    boolean goesByTurns(long now) {
        return byTurnsUntil > now;
    }

    /** The turn that a word of how many run by share answers. */
    Optional<String> opener() {
        return Optional.ofNullable(opener);
    }

    /** So many that run by share are to be told, and have not been. */
    boolean isToBeTold(int share) {
        return inside.isToBeTold(share, opener != null);
    }

    /** Whether the others know how many run by share. */
    boolean isTold() {
        return inside.isTold();
    }

    void told(int share) {
        inside.told(share, opener != null);
    }

    /** Whether the others believe that more run here than by our share. */
    boolean isOverHere() {
        return inside.isOverHere();
    }

    /** The others read that this replica runs so many calls more than its share. */
    void overHere(int calls) {
        inside.overHere(calls);
    }

    /** Another replica runs so many calls more than its share. */
    void overElsewhere(String replica, int calls) {
        inside.overElsewhere(replica, calls);
    }

    void goneElsewhere(String replica) {
        inside.goneElsewhere(replica);
    }

    void keepOnly(Set<String> replicas) {
        inside.keepOnly(replicas);
    }

    /** Another replica has told what it used. */
    void usedElsewhere(int calls, long at, long now) {
        if (used != null) {
            used.elsewhere(calls, at, now);
        }
    }

    /** How many calls the others are to be told of now that so many more have begun; 0 for not yet. */
    int toTell(int permits, int share) {
        return used == null ? 0 : used.toTell(permits, share);
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

    /** Whether it can be forgotten. */
    boolean idle(long now) {
        return wanted == 0
                && inside.nobody()
                && byTurnsUntil < now
                && (used == null || used.nothing(now))
                && now - closedUntil > LONGEST_BACKOFF;
    }
}
