package org.m365connector.assignment.assignment;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A thread that does something again and again until the application stops, whatever fails meanwhile. */
final class TurnByTurn {
    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(1);

    private final Supplier<Duration> turn;
    private final Consumer<Throwable> failing;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    /**
     * @param turn says how long to wait until the next one
     * @param failing hears of the first of several failures in a row
     */
    TurnByTurn(String name, Supplier<Duration> turn, Consumer<Throwable> failing) {
        this.turn = turn;
        this.failing = failing;
        this.thread = new Thread(this::run, name);
    }

    void start() {
        thread.start();
    }

    /** Waits for the turn under way. */
    void stop() throws InterruptedException {
        stopped.countDown();
        thread.join(TimeUnit.SECONDS.toMillis(10));
    }

    private void run() {
        boolean failed = false;
        var pause = Duration.ZERO;
        while (!stoppedWithin(pause)) {
            try {
                pause = turn.get();
                failed = false;
            } catch (RuntimeException | Error e) {
                // Also an Error: a thread that is gone silently would leave users with rights that were taken from
                // them.
                if (!failed) {
                    failing.accept(e);
                }
                failed = true;
                pause = AFTER_A_FAILURE;
            }
        }
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
