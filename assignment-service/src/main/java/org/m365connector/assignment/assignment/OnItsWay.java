package org.m365connector.assignment.assignment;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** What has been told on a topic and a view may not have heard yet. */
final class OnItsWay {
    private static final Duration LONGEST = Duration.ofSeconds(2);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    private OnItsWay() {}

    /** Returns when it has been heard, and after two seconds at the latest. */
    static void await(BooleanSupplier isHeard) {
        var end = System.nanoTime() + LONGEST.toNanos();
        while (!isHeard.getAsBoolean() && System.nanoTime() < end) {
            ImportSteps.pause(BETWEEN_LOOKS);
        }
    }
}
