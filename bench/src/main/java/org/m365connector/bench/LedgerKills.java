package org.m365connector.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
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
    private final List<Victim> backends;
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
        backends = List.of(
                new Victim("Kafka", local::killKafka, local::restartKafka),
                new Victim("PostgreSQL", local::killPostgres, local::restartPostgres));
        victims.addAll(backends);
    }

    /** All services and one backend at once, in an order of chance, so often; they are back when it returns. */
    int together(int times) {
        for (int i = 0; i < times; i++) {
            Processes.pause(Duration.ofMillis(random.nextInt(1_500)));
            Victim backend = backends.get(i % backends.size());
            List<Victim> all = new ArrayList<>(victims);
            all.removeAll(backends);
            all.add(backend);
            Collections.shuffle(all, random);
            for (Victim victim : all) {
                progress.say("kill -9 " + victim.name());
                victim.kill().run();
                Processes.pause(Duration.ofMillis(random.nextInt(200)));
                kills++;
            }
            // A service does not get ready without its backends.
            backend.back().run();
            all.remove(backend);
            CompletableFuture.allOf(all.stream()
                            .map(victim -> CompletableFuture.runAsync(victim.back()))
                            .toArray(CompletableFuture[]::new))
                    .join();
        }
        return kills;
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
