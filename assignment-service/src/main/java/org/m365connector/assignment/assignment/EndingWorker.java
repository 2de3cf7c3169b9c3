package org.m365connector.assignment.assignment;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/** Brings endings to their end, step by step, in every replica. The meter {@code m365.endings.open} says how many there are. */
@ApplicationScoped
class EndingWorker {
    private static final Logger LOG = Logger.getLogger(EndingWorker.class);

    /** On a small machine the others have the processor now. */
    private static final Duration AFTER_A_STEP = Duration.ofMillis(10);

    private static final Duration WITHOUT_WORK = Duration.ofMillis(250);

    private final Endings endings;
    private final EndingSteps steps;
    private final AtomicLong open = new AtomicLong();
    private final TurnByTurn turns =
            new TurnByTurn("endings", this::turn, failure -> LOG.warn("What has ended waits", failure));

    EndingWorker(Endings endings, EndingSteps steps, MeterRegistry meters) {
        this.endings = endings;
        this.steps = steps;
        meters.gauge("m365.endings.open", open);
    }

    void start(@Observes StartupEvent event) {
        turns.start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        turns.stop();
    }

    private Duration turn() {
        open.set(endings.open());
        return endings.due().stream().anyMatch(this::step) ? AFTER_A_STEP : WITHOUT_WORK;
    }

    /** @return whether something was done; what stands in the way of one ending stands in no other's */
    private boolean step(Ending ending) {
        try {
            steps.count(ending);
            return switch (steps.step(ending)) {
                case SOME -> true;
                case LAST -> {
                    if (ending.account().isEmpty()) {
                        steps.over(ending);
                    }
                    LOG.infof(
                            "What had ended has left all assignments portal=%s registration=%s account=%s",
                            ending.portal(),
                            ending.registration(),
                            ending.account().map(Object::toString).orElse("-"));
                    yield true;
                }
                case NONE -> false;
                case WAITS -> {
                    endings.putOff(ending);
                    yield false;
                }
            };
        } catch (RuntimeException e) {
            if (HeldLock.isBehind(e)) {
                LOG.debugf("Ending put off, what it needs is locked portal=%s", ending.portal());
            } else {
                LOG.warnf(
                        e,
                        "Ending put off portal=%s registration=%s account=%s",
                        ending.portal(),
                        ending.registration(),
                        ending.account().map(Object::toString).orElse("-"));
            }
            // Where it is the database that is away this fails too, and the thread waits.
            endings.putOff(ending);
            return false;
        }
    }
}
