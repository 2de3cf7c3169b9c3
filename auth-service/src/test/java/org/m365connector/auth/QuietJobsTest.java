package org.m365connector.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.runtime.ShutdownEvent;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class QuietJobsTest {

    private final QuietJobs jobs = new QuietJobs();

    @Test
    void noJobBeginsOnceTheApplicationStops() {
        AtomicInteger ran = new AtomicInteger();
        jobs.run(ran::incrementAndGet);
        jobs.stop(new ShutdownEvent());

        jobs.run(ran::incrementAndGet);

        assertThat(ran).hasValue(1);
    }

    @Test
    void theApplicationWaitsForTheJobThatRuns() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        CompletableFuture<Void> job = CompletableFuture.runAsync(() -> jobs.run(() -> {
            begun.countDown();
            try {
                mayEnd.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            ended.set(true);
        }));
        begun.await();

        CompletableFuture<Boolean> stopped = CompletableFuture.supplyAsync(() -> {
            jobs.stop(new ShutdownEvent());
            return ended.get();
        });
        mayEnd.countDown();

        assertThat(stopped.get(1, TimeUnit.MINUTES)).isTrue();
        job.get(1, TimeUnit.MINUTES);
    }
}
