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
                    window.add(1, now, now);
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

        window.add(10_000, now, now);

        assertThat(window.millisUntil(9_999, now)).isBetween(600_000L, 645_000L);
        assertThat(window.millisUntil(9_999, now + 599_000)).isPositive();
        assertThat(window.millisUntil(0, now + 645_000)).isZero();
    }

    @Test
    void whatWasToldLateCountsFromWhenItWas() {
        Window window = new Window(1_000);
        long now = 1_000_000;

        window.add(3, now - 600, now);
        window.add(2, now - 5_000, now);

        assertThat(window.used(now)).isEqualTo(3);
        assertThat(window.millisUntil(0, now)).isBetween(400L, 500L);
    }

    @Test
    void aCallThatGoesOutLaterThanItWasCountedCountsFromThen() {
        Window window = new Window(1_000);
        long now = 1_000_000;
        window.add(1, now, now);

        window.remove(1, now, now + 700);
        window.add(1, now + 700, now + 700);

        assertThat(window.used(now + 700)).isEqualTo(1);
        assertThat(window.millisUntil(0, now + 1_100)).isGreaterThanOrEqualTo(600);
    }

    @Test
    void whatIsForgottenIsNotTakenBack() {
        Window window = new Window(1_000);
        window.add(1, 1_000_000, 1_000_000);
        window.add(1, 1_005_000, 1_005_000);

        window.remove(1, 1_000_000, 1_005_000);

        assertThat(window.used(1_005_000)).isEqualTo(1);
    }
}
