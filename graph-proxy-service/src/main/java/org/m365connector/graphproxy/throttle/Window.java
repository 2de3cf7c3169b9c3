package org.m365connector.graphproxy.throttle;

/**
 * Counts calls of the latest time in slots. It forgets a call a little late, never early: 2 to 7 % after its window.
 * That is what calls may come closer together on their way.
 */
final class Window {

    private static final int PARTS = 32;
    private static final int SLOTS = PARTS + 2;

    private final long slotMillis;
    private final int[] counts;

    /** Number of the slot that was written last, counted from the beginning of time. */
    private long latest = Long.MIN_VALUE / 2;

    private int sum;

    Window(long millis) {
        slotMillis = Math.max(1, millis / PARTS);
        counts = new int[SLOTS];
    }

    private Window(Window other) {
        slotMillis = other.slotMillis;
        counts = other.counts.clone();
        latest = other.latest;
        sum = other.sum;
    }

    Window copy() {
        return new Window(this);
    }

    /** How long it remembers a call. */
    long millis() {
        return slotMillis * SLOTS;
    }

    /** Calls that still count. */
    int used(long now) {
        forget(now);
        return sum;
    }

    /** @param at now, or some time ago; what would be forgotten by now is not counted */
    void add(int calls, long at, long now) {
        forget(now);
        long slot = Math.min(latest, Math.floorDiv(at, slotMillis));
        if (slot > latest - SLOTS) {
            counts[index(slot)] += calls;
            sum += calls;
        }
    }

    /** Calls that were added at that time have not gone out after all. */
    void remove(int calls, long at, long now) {
        forget(now);
        long slot = Math.min(latest, Math.floorDiv(at, slotMillis));
        if (slot > latest - SLOTS) {
            int index = index(slot);
            int some = Math.min(calls, counts[index]);
            counts[index] -= some;
            sum -= some;
        }
    }

    /** How long until no more than so many calls count; 0 if that is now. */
    long millisUntil(int atMost, long now) {
        forget(now);
        int left = sum;
        if (left <= atMost) {
            return 0;
        }
        for (long slot = latest - SLOTS + 1; slot <= latest; slot++) {
            left -= counts[index(slot)];
            if (left <= atMost) {
                return Math.max(1, (slot + SLOTS) * slotMillis - now);
            }
        }
        throw new IllegalArgumentException("never fewer than none: " + atMost);
    }

    private void forget(long now) {
        long slot = Math.max(latest, Math.floorDiv(now, slotMillis));
        long passed = Math.min(SLOTS, slot - latest);
        for (long n = 1; n <= passed; n++) {
            int index = index(slot - passed + n);
            sum -= counts[index];
            counts[index] = 0;
        }
        latest = slot;
    }

    private static int index(long slot) {
        return (int) Math.floorMod(slot, (long) SLOTS);
    }
}
