package org.m365connector.assignment.assignment;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Does what recalculations have been left to do, step by step, in every replica. The meter {@code m365.recalculations.open} says how
 * many there are, up to those that are looked at together.
 */
@ApplicationScoped
class RecalculationWorker {
    private static final Logger LOG = Logger.getLogger(RecalculationWorker.class);

    /** Whoever waits for the registration takes it now; a step that follows at once could be ahead of him. */
    private static final Duration AFTER_A_STEP = Duration.ofMillis(10);

    private static final Duration WITHOUT_ROOM = Duration.ofMillis(20);
    private static final Duration WITHOUT_WORK = Duration.ofMillis(250);
    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(1);

    private final Recalculations recalculations;
    private final AtomicInteger open = new AtomicInteger();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "recalculations");

    RecalculationWorker(Recalculations recalculations, MeterRegistry meters) {
        this.recalculations = recalculations;
        meters.gauge("m365.recalculations.open", open);
    }

    void start(@Observes StartupEvent event) {
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stopped.countDown();
        thread.join(TimeUnit.SECONDS.toMillis(10));
    }

    private void run() {
        boolean failed = false;
        var pause = Duration.ZERO;
        while (!stoppedWithin(pause)) {
            try {
                pause = turn();
                failed = false;
            } catch (RuntimeException | Error e) {
                // Also an Error: a thread that is gone silently would leave users with rights that were taken from
                // them.
                if (!failed) {
                    LOG.warn("Recalculation waits", e);
                }
                failed = true;
                pause = AFTER_A_FAILURE;
            }
        }
    }

    private Duration turn() {
        var wishes = recalculations.wishes();
        open.set(wishes.size());
        if (wishes.isEmpty()) {
            return WITHOUT_WORK;
        }
        if (!recalculations.haveRoom()) {
            return WITHOUT_ROOM;
        }
        return wishes.stream().anyMatch(recalculations::step) ? AFTER_A_STEP : WITHOUT_WORK;
    }

    private boolean stoppedWithin(Duration pause) {
        try {
            return stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
