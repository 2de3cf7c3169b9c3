package org.m365connector.assignment.assignment;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Says of the imports that this process works on that they live. Those of a killed one fall silent. */
@ApplicationScoped
class ImportPulse {
    private static final Logger LOG = Logger.getLogger(ImportPulse.class);

    /** So many may get lost, or be late, before an import is taken for dead. */
    static final int BEATS = 6;

    private final Imports imports;
    private final Duration between;
    private final Set<UUID> running = ConcurrentHashMap.newKeySet();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "imports");

    ImportPulse(Imports imports, TransferConfig config) {
        this.imports = imports;
        this.between = config.silence().dividedBy(BEATS);
    }

    void start(@Observes StartupEvent event) {
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stopped.countDown();
        thread.join(TimeUnit.SECONDS.toMillis(10));
    }

    void begins(UUID id) {
        running.add(id);
    }

    void ends(UUID id) {
        running.remove(id);
    }

    private void run() {
        try {
            while (!stopped.await(between.toMillis(), TimeUnit.MILLISECONDS)) {
                beat();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void beat() {
        var now = Set.copyOf(running);
        if (now.isEmpty()) {
            return;
        }
        try {
            imports.live(now);
        } catch (RuntimeException | Error e) {
            LOG.warnf(e, "Imports cannot say that they live count=%d", now.size());
        }
    }
}
