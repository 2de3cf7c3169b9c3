package org.m365connector.auth;

import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jboss.logging.Logger;

/**
 * Lets scheduled jobs end quietly: none begins once the application stops, and the application waits a while for those that
 * run, so that nobody has the database taken away from him in the middle.
 */
@ApplicationScoped
public class QuietJobs {

    private static final Logger LOG = Logger.getLogger(QuietJobs.class);
    private static final long PATIENCE_SECONDS = 10;

    /** Jobs hold the one that many may hold; whoever stops wants the other. */
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);

    private volatile boolean stopping;

    /** Runs the job, unless the application stops. */
    public void run(Runnable job) {
        if (stopping || !lock.readLock().tryLock()) {
            return;
        }
        try {
            if (!stopping) {
                job.run();
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    void stop(@Observes ShutdownEvent event) {
        stopping = true;
        try {
            if (!lock.writeLock().tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("A scheduled job does not end, the application stops all the same");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
