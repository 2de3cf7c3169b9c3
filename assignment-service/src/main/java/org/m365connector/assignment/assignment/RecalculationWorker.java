package org.m365connector.assignment.assignment;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * Does what recalculations have been left to do, step by step, in every replica. The meter {@code m365.recalculations.open} says how
 * many there are.
 */
@ApplicationScoped
class RecalculationWorker {
    private static final Logger LOG = Logger.getLogger(RecalculationWorker.class);

    /** On a small machine the others have the processor now. */
    private static final Duration AFTER_A_STEP = Duration.ofMillis(10);

    private static final Duration WITHOUT_ROOM = Duration.ofMillis(20);
    private static final Duration WITHOUT_WORK = Duration.ofMillis(250);
    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(1);

    /** PostgreSQL's words for a lock that was waited for too long, and for two who wait in a circle. */
    private static final Set<String> LOCKED = Set.of("55P03", "40P01");

    private final Recalculations recalculations;
    private final AtomicLong open = new AtomicLong();
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
        open.set(recalculations.open());
        var wishes = recalculations.wishes();
        if (wishes.isEmpty()) {
            return WITHOUT_WORK;
        }
        if (!recalculations.haveRoom()) {
            return WITHOUT_ROOM;
        }
        return wishes.stream().anyMatch(this::step) ? AFTER_A_STEP : WITHOUT_WORK;
    }

    /** @return whether something was done; what stands in the way of one wish stands in no other's */
    private boolean step(Recalculations.Wish wish) {
        try {
            return recalculations.step(wish);
        } catch (RuntimeException e) {
            if (isHeld(e)) {
                LOG.debugf(
                        "Recalculation put off, what it needs is locked portal=%s",
                        wish.scope().portal());
            } else {
                LOG.warnf(
                        e,
                        "Recalculation put off portal=%s registration=%s principal=%s",
                        wish.scope().portal(),
                        wish.scope().registration(),
                        wish.scope().principal());
            }
            // Where it is the database that is away this fails too, and the thread waits.
            recalculations.putOff(wish);
            return false;
        }
    }

    private static boolean isHeld(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && LOCKED.contains(sql.getSQLState())) {
                return true;
            }
        }
        return false;
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
