package org.m365connector.outbox;

import java.time.Duration;

/**
 * How a relay works.
 *
 * @param name of the lease, the {@code transactional.id} and the group that keeps the receipts; one per service
 * @param lease how long a silent leader stays the leader
 * @param poll how long at most a row waits if its NOTIFY is lost
 * @param patience how long Kafka may take for one step until it counts as away
 * @param firstRetry pause after a row was refused for the first time; doubles with each further time
 * @param longestRetry longest pause of a refused row
 * @param inboxRetention how long the inbox remembers
 */
record RelaySettings(
        String name,
        Duration lease,
        Duration poll,
        Duration patience,
        Duration firstRetry,
        Duration longestRetry,
        Duration inboxRetention) {

    /** As many as a receipt can name in the 4 KiB that Kafka keeps with an offset. */
    static final int BATCH_ROWS = 250;

    /** A batch is in memory twice: as rows and in the producer's buffer. */
    static final long BATCH_BYTES = 4L << 20;

    Duration retryAfter(int attempts) {
        Duration pause = firstRetry.multipliedBy(1L << Math.min(attempts, 30));
        return pause.compareTo(longestRetry) < 0 ? pause : longestRetry;
    }
}
