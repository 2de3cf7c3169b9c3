package org.m365connector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.m365connector.bench.ShortLedger;
import org.m365connector.local.suite.Progress;

/** The ledger of {@code bench/run} in short: ten kills, and what the portal has been told is what was. */
class LedgerIT {
    private static final long SEED = Long.getLong("ledger.seed", new Random().nextLong());

    @Test
    void nothingIsLostNorInventedNorOutOfOrderWhileEverythingIsKilled() {
        System.out.println("seed of the ledger: " + SEED);

        ShortLedger.Outcome outcome = ShortLedger.of(SharedSuite.get(), SEED, Progress.on(System.out));

        assertThat(outcome.violations()).as("seed " + SEED).isEmpty();
        assertThat(outcome.kills()).isEqualTo(10);
        assertThat(outcome.versions()).isGreaterThan(200);
    }
}
