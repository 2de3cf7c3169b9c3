package org.m365connector.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.Progress;

/** Whether two replicas under load keep Graph's limits, and how much of them they use. */
final class Throttle {

    private static final int CALLERS = 16;
    private static final Duration WARM_UP = Duration.ofSeconds(8);
    private static final Duration MEASURED = Duration.ofSeconds(20);

    private final Checkout checkout;
    private final Progress progress = Progress.on(System.out);

    Throttle(Checkout checkout) {
        this.checkout = checkout;
    }

    void measure(Report report) {
        Path work = checkout.root().resolve("target/bench/throttle");
        try (ThrottleStage stage = new ThrottleStage(checkout, work)) {
            mailbox(report, stage);
            channel(report, stage);
            refused(report, stage);
        }
    }

    private void mailbox(Report report, ThrottleStage stage) {
        progress.say("One mailbox, four calls at once, " + CALLERS + " callers over two replicas");
        load(stage, ThrottleStage.MAILBOX, CALLERS, WARM_UP);
        stage.seen();
        long before = System.nanoTime();
        load(stage, ThrottleStage.MAILBOX, CALLERS, MEASURED);
        double seconds = (System.nanoTime() - before) / 1e9;
        ThrottleStage.Seen seen = stage.seen();
        report.atMost(4, "mailbox_most_at_once", (double) seen.mostAtOnce(), "");
        report.atLeast(0.9, "mailbox_used", seen.ended() / (seconds * 4_000 / ThrottleStage.LATENCY_MILLIS));
    }

    private void channel(Report report, ThrottleStage stage) {
        progress.say("One channel, one call a second, four callers over two replicas");
        load(stage, ThrottleStage.CHANNEL, 4, Duration.ofSeconds(3));
        stage.seen();
        load(stage, ThrottleStage.CHANNEL, 4, MEASURED);
        List<Long> begun = stage.seen().begunNanos();
        if (begun.size() < 2) {
            throw new LocalException("No call reached the channel");
        }
        long closest = Long.MAX_VALUE;
        for (int i = 1; i < begun.size(); i++) {
            closest = Math.min(closest, begun.get(i) - begun.get(i - 1));
        }
        double taken = (begun.get(begun.size() - 1) - begun.get(0)) / 1e9;
        report.atLeast(0.9, "channel_used", (begun.size() - 1) / taken);
        report.atLeast(1_000, "channel_closest_ms", closest / 1e6, "ms");
    }

    private void refused(Report report, ThrottleStage stage) {
        progress.say("A 429 that asks to stay away for " + ThrottleStage.AWAY_SECONDS + " s");
        stage.seen();
        stage.refuse(1);
        load(stage, ThrottleStage.MAILBOX, CALLERS, Duration.ofSeconds(ThrottleStage.AWAY_SECONDS + 4L));
        List<Long> begun = stage.seen().begunNanos();
        double away = begun.stream()
                .map(at -> (at - begun.get(0)) / 1e9)
                .filter(after -> after > 1 && after < ThrottleStage.AWAY_SECONDS)
                .count();
        report.exactly(0, "begun_later_than_1_s_after_429", Math.round(away), "");
    }

    /** Callers who ask again when they are answered, whatever the answer is. */
    private static void load(ThrottleStage stage, String path, int callers, Duration length) {
        long end = System.nanoTime() + length.toNanos();
        List<Callable<Void>> all = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            Proxy.Way way = stage.replica(i % 2);
            all.add(() -> {
                byte[] question = way.question(path);
                try (HttpCall call = new HttpCall(way.port())) {
                    while (System.nanoTime() < end) {
                        if (call.ask(question) != 200) {
                            Thread.sleep(50);
                        }
                    }
                }
                return null;
            });
        }
        Load.together(all);
    }
}
