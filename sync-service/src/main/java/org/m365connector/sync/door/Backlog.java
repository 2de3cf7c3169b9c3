package org.m365connector.sync.door;

import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * What is on its way to Kafka and not acknowledged: how much, and since when. Both bound it. Where more comes than Kafka takes, the
 * same number of items takes longer than Graph is kept waiting; what would be let in then is answered 503 after all, stored in vain,
 * and has taken the time of what could have been stored.
 *
 * <p>Little of it says nothing by its age: one partition may have no leader for a moment, and the others go on.
 */
final class Backlog {
    /** So much of it may be of any age. */
    private static final int LITTLE = 8;

    /** Nothing waits for so many times as long: whoever should have said that it has left, has not. */
    private static final int NEVER = 10;

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

    /** Whether {@link #enter} would say yes to about as many. */
    boolean hasRoomFor(int more) {
        int there = items.get();
        return there == 0 || (there + more <= most && !isLate());
    }

    /**
     * Where nothing is in it, more than there may be find room, or they would never find any.
     *
     * @return empty where there is no room
     */
    Optional<Entry> enter(int weight) {
        if (isLate()) {
            return Optional.empty();
        }
        int together = items.addAndGet(weight);
        if (together > most && together != weight) {
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
            long waited = nanoTime.getAsLong() - oldest.since;
            if (oldest.inIt.get() > 0 && waited <= NEVER * longestNanos) {
                return waited > longestNanos && items.get() > most / LITTLE;
            }
            // By whoever is first: another one would look for it through all of them.
            if (oldest.forgotten.compareAndSet(false, true)) {
                entries.remove(oldest);
            }
        }
        return false;
    }

    /** How many are kept in mind. */
    int entries() {
        return entries.size();
    }

    /** What came with one POST. */
    final class Entry {
        private final long since;
        private final AtomicInteger inIt;
        private final AtomicBoolean forgotten = new AtomicBoolean();

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
