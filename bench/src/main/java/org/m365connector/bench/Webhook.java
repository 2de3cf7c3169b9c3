package org.m365connector.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.Progress;

/**
 * How many notifications the door takes and how fast, each of them acknowledged by Kafka before it answers; how soon a door that
 * starts cold shakes hands; and what becomes of three times as many notifications as it can take. The senders and Kafka have their
 * part of the same processors.
 */
final class Webhook {

    private static final int ITEMS = 10;
    private static final int CONNECTIONS = 32;
    private static final Duration WARM_UP = Duration.ofSeconds(20);
    private static final Duration MEASURED = Duration.ofSeconds(15);

    private final Checkout checkout;
    private final Progress progress = Progress.on(System.out);

    Webhook(Checkout checkout) {
        this.checkout = checkout;
    }

    void measure(Report report) {
        try (Door door = new Door(checkout, checkout.root().resolve(Path.of("target", "bench", "webhook")))) {
            progress.say("A handshake with a door that is just being started");
            report.below(10_000, "handshake_cold_ms", door.startWithHandshake(), "ms");
            List<byte[]> ten = List.of(new Notifications(door.port(), ITEMS, ITEMS).numbered(0));
            progress.say("Warming up");
            closedLoop(door, ten, WARM_UP);
            progress.say(ITEMS + " items of 1 KiB a POST, " + CONNECTIONS + " connections, closed loop");
            long cpu = door.replica().cpuMicros();
            Load.Counted closed = closedLoop(door, ten, MEASURED);
            double itemsPerSecond = closed.perSecond() * ITEMS;
            report.atLeast(10_000, "items_per_s", itemsPerSecond, "1/s");
            report.beside(
                    "cpu_per_item", (door.replica().cpuMicros() - cpu) / (double) (closed.answers() * ITEMS), "us");
            double half = closed.perSecond() / 2;
            progress.say("The same at fixed moments, " + Math.round(half) + " a second");
            Load.openLoop(door.port(), CONNECTIONS, ten, half, Duration.ofSeconds(5));
            Histogram open = Load.openLoop(door.port(), CONNECTIONS, ten, half, MEASURED);
            report.beside("p50_ms", open.getValueAtPercentile(50) / 1000.0, "ms");
            report.below(250, "p99_ms", open.getValueAtPercentile(99) / 1000.0, "ms");
            progress.say("One item a POST");
            List<byte[]> one = List.of(new Notifications(door.port(), 1, 1).numbered(0));
            report.beside("single_per_s", closedLoop(door, one, MEASURED).perSecond(), "1/s");
            progress.say("What it takes in large POSTs, and more than three times as much");
            List<byte[]> large = List.of(new Notifications(door.port(), Overload.ITEMS, Overload.ITEMS).numbered(0));
            double most = closedLoop(door, large, MEASURED).perSecond() * Overload.ITEMS;
            report.beside("large_items_per_s", most, "1/s");
            new Overload(door, most).measure(report);
            report.beside("rss_peak_mb", door.replica().peakMegabytes(), "MB");
        }
    }

    private static Load.Counted closedLoop(Door door, List<byte[]> questions, Duration length) {
        Load.Counted counted = Load.closedLoop(door.port(), CONNECTIONS, questions, length);
        if (counted.refused() > 0) {
            throw new LocalException(counted.refused() + " of " + counted.answers() + " POSTs were not taken");
        }
        return counted;
    }
}
