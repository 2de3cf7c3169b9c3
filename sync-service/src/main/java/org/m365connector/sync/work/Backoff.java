package org.m365connector.sync.work;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How long to wait before the next attempt: doubling from the first to the longest, with 20 % jitter. */
public record Backoff(Duration first, Duration longest) {

    /** @param attempts how many have failed, from 1 */
    public Duration after(int attempts) {
        long factor = 1L << Math.min(Math.max(attempts - 1, 0), 20);
        long millis = Math.min(first.toMillis() * factor, longest.toMillis());
        return Duration.ofMillis(millis + ThreadLocalRandom.current().nextLong(millis / 5 + 1));
    }

    /**
     * What to add to a time that the other side asked for: random, and up to as much as {@link #after} would wait. Microsoft counts
     * refused calls too, so two who were refused together and come back in step would be refused together for ever.
     *
     * @param attempts how many have failed, from 1
     */
    public Duration apart(int attempts) {
        return Duration.ofMillis(
                ThreadLocalRandom.current().nextLong(after(attempts).toMillis() + 1));
    }
}
