package org.m365connector.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.Processes;
import org.m365connector.local.suite.Progress;
import org.m365connector.local.suite.ResidentMemory;

/**
 * Many watches on one machine. Graph grants subscriptions short lives, so that each is renewed within the run: how evenly, whether
 * any runs out before, whether a limit of Graph's is ever met, and whether memory stays flat. Meanwhile mails come to a tenth of
 * the folders: how much longer than the median it may take until a portal hears of a mail in one of the others, also while Graph
 * refuses everything about one mailbox.
 */
final class Watches {

    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);
    private static final Duration SAY_EVERY = Duration.ofSeconds(20);
    private static final Duration WARM_UP = Duration.ofSeconds(15);
    private static final Duration MEASURED = Duration.ofSeconds(60);

    /** A shorter median than that is none to complain about. */
    private static final long SHORT_MILLIS = 250;

    /** A part of the bound of 1,000 in 20 s, of which the renewals of a steady state may take so many a second. */
    private static final double RENEWALS_PER_SECOND = 25;

    private static final Duration SHORTEST_LIFE = Duration.ofMinutes(4);
    private static final double RENEWED_AFTER = 0.6;
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final Duration PATIENCE_PER_WATCH = Duration.ofMillis(120);

    private final Checkout checkout;
    private final int watches;
    private final long seed;
    private final Progress progress = Progress.on(System.out);

    Watches(Checkout checkout, int watches, long seed) {
        this.checkout = checkout;
        this.watches = watches;
        this.seed = seed;
    }

    void measure(Report report) {
        report.seed(seed);
        Path work = checkout.root().resolve(Path.of("target", "bench", "watches"));
        Duration life = life();
        try (WatchesStage stage = new WatchesStage(checkout, work, watches, life, progress);
                ChangesHeard heard = stage.listen();
                SubscriptionWrites writes = new SubscriptionWrites(stage.emulator())) {
            report.beside("watches", watches, "");
            report.beside("portals", stage.portals(), "");
            report.beside("subscription_life_s", life.toSeconds(), "s");
            activate(report, stage, writes);
            long active = ResidentMemory.megabytes(stage.syncPid());
            fairness(report, stage, heard, writes);
            await(writes, life.plus(PATIENCE), "renewed", () -> writes.renewed() >= watches);
            report.atMost(1_000, "renewals_worst_20s", writes.worst(), "");
            report.exactly(0, "expired", writes.ranOut(), "");
            report.exactly(watches, "subscriptions_made", writes.made(), "");
            report.exactly(0, "refused_429", writes.throttled(), "");
            report.beside("subscriptions_listed", writes.listed(), "");
            report.exactly(watches, "active_at_the_end", stage.inState("active"), "");
            long end = ResidentMemory.megabytes(stage.syncPid());
            report.beside("sync_rss_mb", end, "MB");
            report.beside("sync_rss_peak_mb", ResidentMemory.peakMegabytes(stage.syncPid()), "MB");
            report.atMost(32, "sync_rss_growth_mb", end - (double) active, "MB");
        }
    }

    private Duration life() {
        Duration life = Duration.ofSeconds(Math.round(watches / RENEWALS_PER_SECOND / RENEWED_AFTER));
        return life.compareTo(SHORTEST_LIFE) < 0 ? SHORTEST_LIFE : life;
    }

    private void activate(Report report, WatchesStage stage, SubscriptionWrites writes) {
        progress.say(watches + " watches are made");
        long begin = System.nanoTime();
        stage.watchAll();
        report.beside("made_s", (System.nanoTime() - begin) / 1e9, "s");
        Duration patience = PATIENCE.plus(PATIENCE_PER_WATCH.multipliedBy(watches));
        await(writes, patience, "subscribed", () -> writes.made() >= watches);
        report.beside("subscribed_s", (System.nanoTime() - begin) / 1e9, "s");
        await(writes, patience, "active", () -> stage.inState("active") == watches);
        report.beside("active_s", (System.nanoTime() - begin) / 1e9, "s");
    }

    private void fairness(Report report, WatchesStage stage, ChangesHeard heard, SubscriptionWrites writes) {
        List<WatchesStage.Folder> folders = new ArrayList<>(stage.folders());
        Collections.shuffle(folders, new Random(seed));
        List<WatchesStage.Folder> busy = folders.subList(0, watches / 10);
        WatchesStage.Folder throttled = busy.get(0);
        List<WatchesStage.Folder> quiet = folders.subList(busy.size(), folders.size()).stream()
                .filter(folder -> !folder.owner().equals(throttled.owner()))
                .toList();
        int half = quiet.size() / 2;
        QuietFolders measured = new QuietFolders(stage, heard, seed);

        progress.say("Mails come to a tenth of the folders, and now and then to another one");
        measured.measure(WARM_UP, busy, List.of());
        tell(report, "quiet", measured.measure(MEASURED, busy, quiet.subList(0, half)));

        progress.say("The same while Graph refuses everything about one mailbox, to which mails come too");
        stage.throttle(throttled);
        List<String> held = new ArrayList<>();
        List<WatchesStage.Folder> busyToo = new ArrayList<>(busy);
        for (WatchesStage.Folder folder : folders) {
            if (folder.owner().equals(throttled.owner())) {
                held.add(stage.mailArrives(folder, 0));
                busyToo.addAll(Collections.nCopies(1 + busy.size() / 10, folder));
            }
        }
        tell(report, "quiet_beside_throttled", measured.measure(MEASURED, busyToo, quiet.subList(half, quiet.size())));
        stage.throttleNobody();
        await(writes, PATIENCE, "heard of from the mailbox that was throttled", () -> held.stream()
                .allMatch(mail -> heard.firstHeard(mail).isPresent()));
    }

    private static void tell(Report report, String what, Histogram delays) {
        report.beside(what + "_changes", delays.getTotalCount(), "");
        report.beside(what + "_p50_ms", delays.getValueAtPercentile(50), "ms");
        report.beside(what + "_worst_ms", delays.getMaxValue(), "ms");
        report.atMost(
                10,
                what + "_worst_over_median",
                (double) delays.getMaxValue() / Math.max(SHORT_MILLIS, delays.getValueAtPercentile(50)),
                "");
    }

    private void await(SubscriptionWrites writes, Duration patience, String what, BooleanSupplier condition) {
        long begin = System.nanoTime();
        long said = begin;
        while (!condition.getAsBoolean()) {
            long now = System.nanoTime();
            if (now - begin > patience.toNanos()) {
                throw new LocalException("Not all are " + what + " within " + patience.toSeconds() + " s: "
                        + writes.made() + " were made, " + writes.renewed() + " renewed");
            }
            if (now - said > SAY_EVERY.toNanos()) {
                said = now;
                progress.say("Waiting until all are " + what + ": " + writes.made() + " are made, " + writes.renewed()
                        + " renewed");
            }
            Processes.pause(LOOK_EVERY);
        }
    }
}
