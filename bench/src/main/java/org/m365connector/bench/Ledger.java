package org.m365connector.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.HdrHistogram.Histogram;
import org.m365connector.events.WatchProgressed;
import org.m365connector.local.demo.Seen;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.Processes;
import org.m365connector.local.suite.Progress;

/**
 * Whether anything is lost. People in Microsoft 365 do ten thousand things with mail and calendars, in channels and chats while notifications are
 * lost, come twice or in another order, Graph throttles, and every process of the suite, its broker and its database are killed
 * in turn. In the end three views must agree: the emulator's record of every version, a full listing with Microsoft's own
 * client, and what the portal has read from its topic.
 */
final class Ledger {

    private static final int CHANGES = Integer.getInteger("m365.bench.changes", 10_000);
    private static final Duration AT_LAST = Duration.ofMinutes(4);
    private static final int SHOWN = 5;

    private final Checkout checkout;
    private final Duration length;
    private final long seed;
    private final Progress progress = Progress.on(System.out);

    Ledger(Checkout checkout, Duration length, long seed) {
        this.checkout = checkout;
        this.length = length;
        this.seed = seed;
    }

    void measure(Report report) {
        report.seed(seed);
        Path work = checkout.root().resolve(Path.of("target", "bench", "ledger"));
        try (LedgerStage stage = new LedgerStage(checkout, work, progress)) {
            stage.loseSome();
            stage.throttleSome();
            int kills = doAndKill(stage);
            stage.beKindAgain();
            long begin = System.nanoTime();
            List<LedgerViews> views = awaitAgreement(stage);
            report.beside("settled_s", (System.nanoTime() - begin) / 1e9, "s");
            report.beside("kills", kills, "");
            tell(report, stage, views);
        }
    }

    private int doAndKill(LedgerStage stage) {
        double perSecond = CHANGES / (length.toMillis() / 1000.0);
        progress.say(CHANGES + " things are done, " + Math.round(perSecond) + " a second");
        long deadline = System.nanoTime() + length.toNanos();
        LedgerKills kills = new LedgerKills(stage.local(), progress, seed);
        return new LedgerActivity(stage, seed).runBeside(CHANGES, perSecond, () -> kills.until(deadline));
    }

    private List<LedgerViews> awaitAgreement(LedgerStage stage) {
        progress.say("All is done and everybody is back; waiting for the views to agree");
        long deadline = System.nanoTime() + AT_LAST.toNanos();
        List<LedgerViews> views = views(stage);
        while (views.stream().anyMatch(view -> !view.lost().isEmpty()) && System.nanoTime() < deadline) {
            Processes.pause(Duration.ofSeconds(1));
            views = views(stage);
        }
        return views;
    }

    static List<LedgerViews> views(LedgerStage stage) {
        List<LedgerViews> views = new ArrayList<>();
        for (LedgerStage.Watched container : stage.watched()) {
            List<Seen> changes = stage.topics()
                    .all(event -> event.topic().endsWith(".changes")
                            && !event.type().equals(WatchProgressed.TYPE)
                            && container.has(event.data()));
            views.add(new LedgerViews(
                    new LedgerTruth(container.kind() == LedgerStage.Kind.MAIL, stage.truth(container)),
                    stage.begin(),
                    changes));
        }
        return views;
    }

    private void tell(Report report, LedgerStage stage, List<LedgerViews> views) {
        report.atLeast(
                CHANGES,
                "changes",
                views.stream().mapToInt(LedgerViews::versions).sum(),
                "");
        report.beside("events", views.stream().mapToInt(LedgerViews::events).sum(), "");
        violations(report, "lost", views.stream().map(LedgerViews::lost).toList());
        violations(report, "phantom", views.stream().map(LedgerViews::phantoms).toList());
        violations(
                report,
                "id_violations",
                views.stream().map(LedgerViews::idViolations).toList());
        violations(
                report,
                "order_violations",
                views.stream().map(LedgerViews::orderViolations).toList());
        violations(report, "listing_differs", listing(stage, views));
        Histogram delays = new Histogram(3_600_000, 3);
        views.forEach(view -> view.delays(delays));
        report.beside("p50_ms", delays.getValueAtPercentile(50), "ms");
        report.beside("p99_ms", delays.getValueAtPercentile(99), "ms");
        report.beside("repair_max_s", delays.getMaxValue() / 1000.0, "s");
        report.missing(
                "reconciliation",
                "every " + LedgerStage.MAIL_INTERVAL.toSeconds() + " s for mail and calendars and every "
                        + LedgerStage.TEAMS_INTERVAL.toSeconds()
                        + " s for channels and chats, instead of 15 min and 24 h");
    }

    private void violations(Report report, String what, List<List<String>> found) {
        List<String> all = found.stream().flatMap(List::stream).toList();
        all.stream().limit(SHOWN).forEach(violation -> progress.say(what + ": " + violation));
        report.exactly(0, what, all.size(), "");
    }

    /** The third view: of each container what a full listing shows otherwise than the portal was told. */
    static List<List<String>> listing(LedgerStage stage, List<LedgerViews> views) {
        LedgerListing listing = new LedgerListing(stage.emulatorUrl());
        List<List<String>> differences = new ArrayList<>();
        for (int i = 0; i < views.size(); i++) {
            LedgerStage.Watched container = stage.watched().get(i);
            Set<String> listed = listing.of(container);
            Set<String> told = views.get(i).present().keySet();
            Set<String> different = new HashSet<>(listed);
            different.addAll(told);
            different.removeAll(views.get(i).unchanged());
            different.removeIf(id -> listed.contains(id) && told.contains(id));
            differences.add(different.stream()
                    .map(id -> container.truth() + " " + id
                            + (listed.contains(id) ? " is there untold" : " is told and not there"))
                    .toList());
        }
        return differences;
    }
}
