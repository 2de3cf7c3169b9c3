package org.m365connector.sync.work;

import io.micrometer.core.instrument.Metrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * A few threads that do one step after the other while there is something to do, and otherwise wait until they are woken or the
 * idle time is over. However many of them are idle, only one at a time looks after the idle time: whoever finds that there is
 * something to do wakes the next. A step that throws is tried again after a pause; what it worked on is protected by its lease.
 */
public final class WorkLoop implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(WorkLoop.class);
    private static final long PAUSE_AFTER_FAILURE_MS = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final String name;
    private final Duration idle;
    private final BooleanSupplier step;
    private volatile BooleanSupplier gate = () -> true;
    private final Semaphore wakeUps = new Semaphore(0);
    private final Semaphore lookout = new Semaphore(1);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean closed;

    /** @param step does one piece of work, and wakes this loop before, since there may be more; answers false where there was none */
    public WorkLoop(String name, int threadCount, Duration idle, BooleanSupplier step) {
        this.name = name;
        this.idle = idle;
        this.step = step;
        for (int i = 1; i <= threadCount; i++) {
            Thread thread = new Thread(this::run, name + "-" + i);
            thread.setDaemon(true);
            threads.add(thread);
        }
    }

    /** No step is taken before {@code gate} opens. */
    public WorkLoop onlyWhen(BooleanSupplier gate) {
        this.gate = gate;
        return this;
    }

    public WorkLoop start() {
        threads.forEach(Thread::start);
        return this;
    }

    /** There may be something to do. Cheap, from any thread. */
    public void wake() {
        if (wakeUps.availablePermits() < threads.size()) {
            wakeUps.release();
        }
    }

    private void run() {
        boolean failing = false;
        while (!closed) {
            try {
                if (!gate.getAsBoolean() || !step.getAsBoolean()) {
                    rest();
                }
                failing = false;
            } catch (Throwable e) {
                // An Error too: nobody would miss a loop that has ended.
                if (!closed && !failing) {
                    LOG.warnf(e, "work step failed, tried again loop=%s", name);
                }
                failing = true;
                Metrics.counter("m365.sync.steps.failed", "loop", name).increment();
                pause();
            }
        }
    }

    private void rest() {
        try {
            lookout.acquire();
            try {
                if (wakeUps.tryAcquire(idle.toMillis(), TimeUnit.MILLISECONDS) && !closed) {
                    wakeUps.drainPermits();
                }
            } finally {
                lookout.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        }
    }

    private void pause() {
        try {
            if (closing.await(PAUSE_AFTER_FAILURE_MS, TimeUnit.MILLISECONDS)) {
                closed = true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        }
    }

    /** Lets steps end that have begun, but not for longer than a few seconds. */
    @Override
    public void close() {
        closed = true;
        closing.countDown();
        wakeUps.release(threads.size());
        long end = System.nanoTime() + PATIENCE.toNanos();
        for (Thread thread : threads) {
            try {
                thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
