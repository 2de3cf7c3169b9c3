package org.m365connector.emulator.graph.throttling;

import java.util.ArrayDeque;
import java.util.Deque;

/** At most so many calls in a time. A refused call counts like any other, so whoever comes back too early waits longer. */
final class Bucket {

    private final int limit;
    private final long windowMillis;
    private final Deque<Long> latest = new ArrayDeque<>();

    Bucket(int limit, long windowMillis) {
        this.limit = limit;
        this.windowMillis = windowMillis;
    }

    /** Counts a call; how long to stay away, 0 if it may go on. */
    long millisToWait(long now) {
        long freeAt = latest.size() < limit ? now : latest.peekFirst() + windowMillis;
        latest.addLast(now);
        if (latest.size() > limit) {
            latest.removeFirst();
        }
        if (freeAt <= now) {
            return 0;
        }
        return latest.peekFirst() + windowMillis - now;
    }
}
