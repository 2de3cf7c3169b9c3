package org.m365connector.graphproxy.throttle;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.m365connector.events.TurnTaken;

/** Who stands in which order before one scope that is not shared, or not now. Guarded by the lock of {@link Turns}. */
final class Line {

    /** A little more than the window: calls of two machines come closer together on their way. */
    private static final int MARGIN_PARTS = 16;

    /** Calls in a time: when the latest of them begin. */
    private final Deque<Long> starts = new ArrayDeque<>();

    /** Calls at once: whose have not ended, and how many each takes. */
    private final Map<String, Integer> holders = new LinkedHashMap<>();

    /** Calls at once that run without a turn, by replica. */
    private final Map<String, Integer> loose = new HashMap<>();

    /** Who has not said yet how many of those he has, since the line was empty. */
    private final Set<String> awaited = new HashSet<>();

    private String opener = "";

    static long margin(long windowMillis) {
        return windowMillis / MARGIN_PARTS;
    }

    static long spaced(TurnTaken.Part part) {
        return part.windowMillis() + margin(part.windowMillis());
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

    /** @param others who may have calls there without a turn, and is waited for if nobody stood there before */
    void hold(String turn, int permits, Collection<String> others) {
        if (holders.isEmpty()) {
            opener = turn;
            awaited.clear();
            awaited.addAll(others);
        }
        holders.put(turn, permits);
    }

    /** @return whether it was the last of them */
    boolean end(String turn) {
        return holders.remove(turn) != null && holders.isEmpty();
    }

    String opener() {
        return opener;
    }

    /** So many calls of a replica run without a turn. */
    void runs(String replica, int calls, Optional<String> answers) {
        if (calls > 0) {
            loose.put(replica, calls);
        } else {
            loose.remove(replica);
        }
        if (answers.isPresent() && answers.get().equals(opener)) {
            awaited.remove(replica);
        }
    }

    void gone(String replica) {
        loose.remove(replica);
        awaited.remove(replica);
    }

    void keepOnly(Set<String> replicas) {
        loose.keySet().retainAll(replicas);
        awaited.retainAll(replicas);
    }

    /** From now on everybody has his share, and no more. */
    void shared() {
        loose.clear();
    }

    boolean awaitsAnswers() {
        return !awaited.isEmpty();
    }

    /**
     * Whether those before it leave room, or nobody is before it: a batch may want more than there ever is.
     *
     * @param limit what is left of it for those who can be asked
     */
    boolean first(String turn, int permits, int limit) {
        int before = 0;
        for (int calls : loose.values()) {
            before += calls;
        }
        for (Map.Entry<String, Integer> holder : holders.entrySet()) {
            if (holder.getKey().equals(turn)) {
                return before == 0 || before + permits <= limit;
            }
            before += holder.getValue();
        }
        return false;
    }

    boolean idle(long before) {
        return holders.isEmpty() && loose.isEmpty() && (starts.isEmpty() || starts.peekLast() < before);
    }
}
