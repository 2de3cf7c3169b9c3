package org.m365connector.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.m365connector.local.suite.LocalSuite;
import org.m365connector.local.suite.Processes;
import org.m365connector.local.suite.Progress;
import org.m365connector.local.suite.Service;

/** kill -9 of each of our processes, of the broker and of the database in turn, and their return, again and again. */
final class LedgerKills {

    private static final Duration BREATH = Duration.ofSeconds(8);

    private final LocalSuite local;
    private final Progress progress;
    private final Random random;
    private final List<Victim> victims = new ArrayList<>();
    private int kills;

    private record Victim(String name, Runnable kill, Runnable back) {}

    LedgerKills(LocalSuite local, Progress progress, long seed) {
        this.local = local;
        this.progress = progress;
        this.random = new Random(seed);
        for (Service service : Service.values()) {
            victims.add(
                    new Victim(service.module(), () -> this.local.kill(service), () -> this.local.restart(service)));
        }
        victims.add(new Victim("Kafka", local::killKafka, local::restartKafka));
        victims.add(new Victim("PostgreSQL", local::killPostgres, local::restartPostgres));
    }

    /** Until then, or until interrupted; the last victim is back when it returns. */
    int until(long deadlineNanos) {
        while (System.nanoTime() < deadlineNanos) {
            Victim victim = victims.get(kills % victims.size());
            Processes.pause(BREATH.plusMillis(random.nextInt(2_000)));
            progress.say("kill -9 " + victim.name());
            victim.kill().run();
            Processes.pause(Duration.ofMillis(random.nextInt(3_000)));
            victim.back().run();
            kills++;
        }
        return kills;
    }
}
