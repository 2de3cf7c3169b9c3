package org.m365connector.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.m365connector.local.suite.LocalSuite;
import org.m365connector.local.suite.Processes;
import org.m365connector.local.suite.Progress;

/**
 * {@link Ledger} in short, on a suite that runs already: some hundred changes to mail, calendars with series, channels and chats while
 * every service is killed twice, the broker and the database once each. Notifications come twice or in another order, but none is lost,
 * since it does not wait for a reconciliation.
 */
public final class ShortLedger {

    private static final int CHANGES = 240;
    private static final double PER_SECOND = 12;
    private static final int TIMES = 2;
    private static final Duration AT_LAST = Duration.ofMinutes(3);

    private ShortLedger() {}

    /**
     * What it came to.
     *
     * @param versions of all things that have changed
     * @param violations lost, phantom, under two ids, in the wrong order, listed otherwise; each in words
     */
    public record Outcome(int versions, int kills, List<String> violations) {}

    public static Outcome of(LocalSuite suite, long seed, Progress progress) {
        try (LedgerStage stage = new LedgerStage(suite)) {
            stage.shuffleSome();
            stage.throttleSome();
            LedgerKills killing = new LedgerKills(stage.local(), progress, seed);
            int kills = new LedgerActivity(stage, seed).runBeside(CHANGES, PER_SECOND, () -> killing.together(TIMES));
            stage.beKindAgain();
            List<LedgerViews> views = Ledger.views(stage);
            long deadline = System.nanoTime() + AT_LAST.toNanos();
            while (views.stream().anyMatch(view -> !view.lost().isEmpty()) && System.nanoTime() < deadline) {
                Processes.pause(Duration.ofMillis(500));
                views = Ledger.views(stage);
            }
            List<String> violations = new ArrayList<>();
            for (LedgerViews view : views) {
                view.lost().forEach(lost -> violations.add("lost: " + lost));
                view.phantoms().forEach(phantom -> violations.add("phantom: " + phantom));
                view.idViolations().forEach(id -> violations.add("id: " + id));
                view.orderViolations().forEach(order -> violations.add("order: " + order));
            }
            Ledger.listing(stage, views)
                    .forEach(differences -> differences.forEach(other -> violations.add("listing: " + other)));
            return new Outcome(views.stream().mapToInt(LedgerViews::versions).sum(), kills, violations);
        }
    }
}
