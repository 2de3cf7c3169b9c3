package org.m365connector.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.m365connector.local.suite.LocalException;

/** Ways to ask, on so many connections. */
final class Load {

    private static final long HIGHEST_MICROS = 60_000_000;

    private Load() {}

    /** @param refused answers other than 2xx */
    record Counted(long answers, long refused, double seconds) {
        double perSecond() {
            return answers / seconds;
        }
    }

    /** Every connection asks again as soon as it has its answer. */
    static Counted closedLoop(int port, int connections, List<byte[]> questions, Duration length) {
        AtomicLong answers = new AtomicLong();
        AtomicLong refused = new AtomicLong();
        long begin = System.nanoTime();
        long end = begin + length.toNanos();
        List<Callable<Void>> callers = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            int first = i;
            callers.add(() -> {
                long mine = 0;
                try (HttpCall call = new HttpCall(port)) {
                    for (int next = first; System.nanoTime() < end; next += connections, mine++) {
                        if (call.ask(questions.get(next % questions.size())) / 100 != 2) {
                            refused.incrementAndGet();
                        }
                    }
                }
                answers.addAndGet(mine);
                return null;
            });
        }
        together(callers);
        return new Counted(answers.get(), refused.get(), (System.nanoTime() - begin) / 1e9);
    }

    /**
     * Questions at fixed moments, whether or not earlier ones have been answered. A late question is counted from the moment
     * at which it should have been asked, so a pause of the service shows in everything that it has held up.
     */
    static Histogram openLoop(int port, int connections, List<byte[]> questions, double perSecond, Duration length) {
        Histogram all = new Histogram(HIGHEST_MICROS, 3);
        long interval = Math.round(1e9 / perSecond);
        long begin = System.nanoTime() + Duration.ofMillis(200).toNanos();
        long end = begin + length.toNanos();
        List<Callable<Void>> callers = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            int first = i;
            callers.add(() -> {
                Histogram mine = new Histogram(HIGHEST_MICROS, 3);
                try (HttpCall call = new HttpCall(port)) {
                    long due = begin + first * interval;
                    for (int next = first; due < end; next += connections, due += connections * interval) {
                        while (System.nanoTime() < due) {
                            LockSupport.parkNanos(due - System.nanoTime());
                        }
                        call.ask(questions.get(next % questions.size()));
                        mine.recordValue(Math.min(HIGHEST_MICROS, (System.nanoTime() - due) / 1000));
                    }
                }
                synchronized (all) {
                    all.add(mine);
                }
                return null;
            });
        }
        together(callers);
        return all;
    }

    /** So many callers at the same moment, each on a connection of its own, over all these ports. How many got a token. */
    static long storm(int[] ports, int callers, byte[] question) {
        CountDownLatch connected = new CountDownLatch(callers);
        AtomicLong issued = new AtomicLong();
        List<Callable<Void>> all = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            int port = ports[i % ports.length];
            all.add(() -> {
                try (HttpCall call = new HttpCall(port)) {
                    connected.countDown();
                    connected.await();
                    if (call.ask(question) == 200) {
                        issued.incrementAndGet();
                    }
                }
                return null;
            });
        }
        together(all);
        return issued.get();
    }

    static void together(List<Callable<Void>> callers) {
        ExecutorService threads =
                Executors.newFixedThreadPool(callers.size(), task -> new Thread(null, task, "caller", 256 * 1024));
        try {
            List<Future<Void>> running = new ArrayList<>();
            callers.forEach(caller -> running.add(threads.submit(caller)));
            for (Future<Void> future : running) {
                future.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted while measuring", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new LocalException(
                    cause instanceof IOException ? "A caller was not answered: " + cause : "A caller failed: " + cause,
                    cause);
        } finally {
            threads.shutdownNow();
        }
    }
}
