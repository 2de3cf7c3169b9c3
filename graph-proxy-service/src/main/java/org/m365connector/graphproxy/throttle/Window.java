package org.m365connector.graphproxy.throttle;

/**
 * Counts calls of the latest time in slots. It forgets a call a little late, never early: 2 to 7 % after its window.
 * That is what calls may come closer together on their way, and what the clocks of two machines may differ.
 */
final class Window {

    private static final int PARTS = 32;
    private static final int SLOTS = PARTS + 2;

    private final long slotMillis;
    private final int[] counts = new int[SLOTS];

    /** Number of the slot that was written last, counted from the beginning of time. */
    private long latest = Long.MIN_VALUE / 2;

    private int sum;

    Window(long millis) {
        slotMillis = Math.max(1, millis / PARTS);
    }

    /** Calls that still count. */
    int used(long now) {
        forget(now);
        return sum;
    }

    void add(int calls, long now) {
        forget(now);
        counts[index(latest)] += calls;
        sum += calls;
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
        // A clock that was put back must not open the window: time stands still until it has caught up.
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
