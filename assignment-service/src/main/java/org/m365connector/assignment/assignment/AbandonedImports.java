package org.m365connector.assignment.assignment;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Imports whose process was killed: of which it was decided that they take effect are gone on with, the others have failed. */
@ApplicationScoped
class AbandonedImports {
    private static final Logger LOG = Logger.getLogger(AbandonedImports.class);

    private final Imports imports;
    private final ImportSteps steps;
    private final ImportPulse pulse;
    private final Duration between;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "abandoned-imports");

    AbandonedImports(Imports imports, ImportSteps steps, ImportPulse pulse, TransferConfig config) {
        this.imports = imports;
        this.steps = steps;
        this.pulse = pulse;
        this.between = config.silence().dividedBy(ImportPulse.BEATS);
    }

    void start(@Observes StartupEvent event) {
        thread.start();
    }

    /** One that it is at is left to the next process: it is silent again. */
    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stopped.countDown();
        thread.interrupt();
        thread.join(TimeUnit.SECONDS.toMillis(10));
    }

    private void run() {
        try {
            boolean isTidy = false;
            while (!stopped.await(between.toMillis(), TimeUnit.MILLISECONDS)) {
                isTidy = isTidy || tidy();
                goOn();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean tidy() {
        try {
            imports.forgetStrayRows();
            return true;
        } catch (RuntimeException e) {
            LOG.warn("Rows of imports wait to be forgotten", e);
            return false;
        }
    }

    private void goOn() {
        try {
            imports.endAbandoned();
            imports.abandoned().forEach(this::finish);
        } catch (RuntimeException | Error e) {
            if (stopped.getCount() > 0) {
                LOG.warn("Abandoned imports wait", e);
            }
        }
    }

    private void finish(Imports.Abandoned left) {
        LOG.infof("Import goes on portal=%s registration=%s import=%s", left.portal(), left.registration(), left.id());
        pulse.begins(left.id());
        try {
            steps.untilAllIsThere(left.id(), left.portal(), left.registration());
        } finally {
            pulse.ends(left.id());
        }
    }
}
