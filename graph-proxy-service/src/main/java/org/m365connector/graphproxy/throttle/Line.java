package org.m365connector.graphproxy.throttle;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.m365connector.events.TurnTaken;

/** Who stands in which order before one scope that is too small to be shared. Guarded by the lock of {@link Turns}. */
final class Line {

    /** A little more than the window: calls of two machines come closer together on their way. */
    private static final int MARGIN_PARTS = 16;

    /** Calls in a time: when the latest of them begin. */
    private final Deque<Long> starts = new ArrayDeque<>();

    /** Calls at once: whose have not ended, and how many each takes. */
    private final Map<String, Integer> holders = new LinkedHashMap<>();

    static long margin(long windowMillis) {
        return windowMillis / MARGIN_PARTS;
    }

    /** When the next call may begin; long ago if at once. */
    long earliest(TurnTaken.Part part) {
        return starts.size() < part.limit() ? Long.MIN_VALUE / 2 : starts.peekFirst() + spaced(part);
    }

    void start(TurnTaken.Part part, long start) {
        for (int i = 0; i < part.permits(); i++) {
            // The items of a batch go at once; those beyond the limit hold up whoever comes next.
            starts.addLast(Math.max(start, earliest(part)));
            if (starts.size() > part.limit()) {
                starts.removeFirst();
            }
        }
    }

    /** When the call begins that is the last so far; long ago if there is none. */
    long lastStart() {
        return starts.isEmpty() ? Long.MIN_VALUE / 2 : starts.peekLast();
    }

    void hold(String turn, int permits) {
        holders.put(turn, permits);
    }

    boolean end(String turn) {
        return holders.remove(turn) != null;
    }

    /** Whether those before it leave room, or nobody is before it: a batch may want more than there ever is. */
    boolean first(String turn, TurnTaken.Part part) {
        int before = 0;
        for (Map.Entry<String, Integer> holder : holders.entrySet()) {
            if (holder.getKey().equals(turn)) {
                return before == 0 || before + part.permits() <= part.limit();
            }
            before += holder.getValue();
        }
        return false;
    }

    boolean idle(long before) {
        return holders.isEmpty() && (starts.isEmpty() || starts.peekLast() < before);
    }

    private static long spaced(TurnTaken.Part part) {
        return part.windowMillis() + margin(part.windowMillis());
    }
}
