package org.m365connector.graphproxy.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WindowTest {

    @Test
    void neverMoreThanTheLimitInAnyWindowAndHardlyLess() {
        for (int limit : new int[] {1, 3, 30, 1_000}) {
            Window window = new Window(1_000);
            Deque<Long> latest = new ArrayDeque<>();
            long now = 1_800_000_000_123L;
            long end = now + 60_000;
            long calls = 0;
            Random random = new Random(limit);
            while (now < end) {
                if (window.millisUntil(limit - 1, now) == 0) {
                    window.add(1, now);
                    calls++;
                    latest.addLast(now);
                    if (latest.size() > limit) {
                        long distance = now - latest.removeFirst();
                        assertThat(distance).as("between " + limit + " calls").isGreaterThan(1_000);
                    }
                } else {
                    now += random.nextInt(3) + 1;
                }
            }
            assertThat(calls).as("limit " + limit).isGreaterThanOrEqualTo(60L * limit * 93 / 100);
        }
    }

    @Test
    void aWholeLimitMayGoAtOnce() {
        Window window = new Window(600_000);
        long now = 5_000_000;

        window.add(10_000, now);

        assertThat(window.millisUntil(9_999, now)).isBetween(600_000L, 645_000L);
        assertThat(window.millisUntil(9_999, now + 599_000)).isPositive();
        assertThat(window.millisUntil(0, now + 645_000)).isZero();
    }

    @Test
    void aClockThatIsPutBackOpensNothing() {
        Window window = new Window(1_000);
        window.add(1, 1_000_000);

        assertThat(window.millisUntil(0, 400_000)).isPositive();
        assertThat(window.used(400_000)).isEqualTo(1);
    }
}
