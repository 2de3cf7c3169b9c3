package org.m365connector.assignment.assignment;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
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

    private final Recalculations recalculations;
    private final AtomicLong open = new AtomicLong();
    private final TurnByTurn turns =
            new TurnByTurn("recalculations", this::turn, failure -> LOG.warn("Recalculation waits", failure));

    RecalculationWorker(Recalculations recalculations, MeterRegistry meters) {
        this.recalculations = recalculations;
        meters.gauge("m365.recalculations.open", open);
    }

    void start(@Observes StartupEvent event) {
        turns.start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        turns.stop();
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
            if (HeldLock.isBehind(e)) {
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
}
