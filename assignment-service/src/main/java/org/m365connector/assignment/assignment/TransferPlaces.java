package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.problem.ProblemException;

/** As many imports and exports at once as a process has threads, disk and connections for. */
@ApplicationScoped
class TransferPlaces {
    /** A file of some ten thousand takes as long. */
    private static final String COME_BACK_AFTER_SECONDS = "10";

    private final int count;
    private final Semaphore free;

    TransferPlaces(TransferConfig config) {
        count = config.atOnce();
        free = new Semaphore(count);
    }

    /** @throws ProblemException {@code transfers-busy} where all are taken; nobody is kept waiting with a file in his hands */
    <T> T during(Supplier<T> work) {
        if (!free.tryAcquire()) {
            throw new ProblemException(AssignmentProblem.TRANSFERS_BUSY, Integer.toString(count))
                    .withHeader("Retry-After", COME_BACK_AFTER_SECONDS);
        }
        try {
            return work.get();
        } finally {
            free.release();
        }
    }
}
