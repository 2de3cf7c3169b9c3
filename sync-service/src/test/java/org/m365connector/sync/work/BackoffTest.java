package org.m365connector.sync.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private final Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8));

    @Test
    void pausesDoubleUpToTheLongest() {
        assertThat(backoff.after(1)).isBetween(Duration.ofSeconds(1), Duration.ofMillis(1200));
        assertThat(backoff.after(3)).isBetween(Duration.ofSeconds(4), Duration.ofMillis(4800));
        assertThat(backoff.after(60)).isBetween(Duration.ofSeconds(8), Duration.ofMillis(9600));
    }

    @Test
    void twoWhoWereRefusedTogetherDoNotMeetForEver() {
        // Given a limit of one call a second that counts refused calls too, and two who come back when they were told
        // to
        long meetings = IntStream.range(1, 200)
                .filter(attempt -> {
                    long one = backoff.apart(attempt).toMillis();
                    long other = backoff.apart(attempt).toMillis();
                    return Math.abs(one - other) < 1000;
                })
                .count();

        assertThat(meetings).isLessThan(150);
    }
}
