package org.m365connector.sync.door;

import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * What is on its way to Kafka and not acknowledged: how much, and since when. Both bound it. Where Kafka becomes slow, the same
 * number of items takes longer than Graph is kept waiting; what would be let in then is answered 503 after all, stored in vain, and
 * has taken the time of what could have been stored.
 */
final class Backlog {
    private final int most;
    private final long longestNanos;
    private final LongSupplier nanoTime;
    private final AtomicInteger items = new AtomicInteger();
    private final Queue<Entry> entries = new ConcurrentLinkedQueue<>();

    /**
     * @param most items at the same time
     * @param longest since when the oldest of them may have waited for another one to be let in
     * @param nanoTime as {@link System#nanoTime()}
     */
    Backlog(int most, Duration longest, LongSupplier nanoTime) {
        this.most = most;
        this.longestNanos = longest.toNanos();
        this.nanoTime = nanoTime;
    }

    /** Items that are in it. */
    int items() {
        return items.get();
    }

    /** Whether {@link #enter} would say yes to about as many. More than there may ever be are not refused here. */
    boolean hasRoomFor(int more) {
        int there = items.get();
        return there == 0 || (there + more <= most && !isLate());
    }

    /** @return empty where there is no room */
    Optional<Entry> enter(int weight) {
        if (isLate()) {
            return Optional.empty();
        }
        if (items.addAndGet(weight) > most) {
            items.addAndGet(-weight);
            return Optional.empty();
        }
        Entry entry = new Entry(nanoTime.getAsLong(), weight);
        entries.add(entry);
        return Optional.of(entry);
    }

    /** Entries come in the order of time, and mostly leave in it. */
    private boolean isLate() {
        for (Entry oldest = entries.peek(); oldest != null; oldest = entries.peek()) {
            if (oldest.inIt.get() > 0) {
                return nanoTime.getAsLong() - oldest.since > longestNanos;
            }
            entries.remove(oldest);
        }
        return false;
    }

    /** What came with one POST. */
    final class Entry {
        private final long since;
        private final AtomicInteger inIt;

        private Entry(long since, int weight) {
            this.since = since;
            this.inIt = new AtomicInteger(weight);
        }

        /** So much of it is stored, or is known not to be. */
        void leave(int weight) {
            items.addAndGet(-weight);
            inIt.addAndGet(-weight);
        }
    }
}
