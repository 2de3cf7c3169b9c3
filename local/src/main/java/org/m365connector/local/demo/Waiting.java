package org.m365connector.local.demo;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.Processes;

/** Looks again and again for what is to come true. */
final class Waiting {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private Waiting() {}

    static <T> T until(String what, Duration patience, Supplier<Optional<T>> look) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Optional<T> seen = look.get();
            if (seen.isPresent()) {
                return seen.get();
            }
            if (System.nanoTime() > deadline) {
                throw new LocalException("Not seen within " + patience.toSeconds() + " s: " + what);
            }
            Processes.pause(Duration.ofMillis(50));
        }
    }
}
