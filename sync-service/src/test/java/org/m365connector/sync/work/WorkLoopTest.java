package org.m365connector.sync.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class WorkLoopTest {
    private static final Duration IDLE = Duration.ofMillis(5);

    private final AtomicInteger steps = new AtomicInteger();

    @Test
    void noStepIsTakenBeforeTheGateOpens() {
        AtomicBoolean open = new AtomicBoolean();
        AtomicInteger asked = new AtomicInteger();
        try (WorkLoop loop = new WorkLoop("test", 2, IDLE, () -> steps.incrementAndGet() < 0).onlyWhen(() -> {
            asked.incrementAndGet();
            return open.get();
        })) {
            loop.start();
            await().atMost(Duration.ofMinutes(1)).until(() -> asked.get() > 10);
            assertThat(steps).hasValue(0);

            open.set(true);
            await().atMost(Duration.ofMinutes(1)).until(() -> steps.get() > 0);
        }
    }

    @Test
    void nothingThatAStepThrowsEndsTheLoop() {
        try (WorkLoop loop = new WorkLoop("test", 1, IDLE, () -> {
            if (steps.incrementAndGet() == 1) {
                throw new LinkageError("not even an Error");
            }
            return false;
        })) {
            loop.start();
            await().atMost(Duration.ofMinutes(3)).until(() -> steps.get() > 1);
        }
    }

    @Test
    void manyIdleThreadsLookNoMoreOftenThanOne() throws InterruptedException {
        try (WorkLoop loop = new WorkLoop("test", 8, Duration.ofMillis(50), () -> steps.incrementAndGet() < 0)) {
            loop.start();
            // Each looks once before it is idle.
            await().atMost(Duration.ofMinutes(1)).until(() -> steps.get() >= 8);
            int before = steps.get();
            Thread.sleep(1_000);
            assertThat(steps.get() - before).isBetween(1, 100);
        }
    }

    @Test
    void allThreadsWorkWhereThereIsEnoughToDo() {
        CountDownLatch together = new CountDownLatch(4);
        AtomicInteger work = new AtomicInteger();
        AtomicReference<WorkLoop> self = new AtomicReference<>();
        try (WorkLoop loop = new WorkLoop("test", 4, Duration.ofHours(1), () -> {
            if (work.getAndUpdate(left -> Math.max(0, left - 1)) == 0) {
                return false;
            }
            self.get().wake();
            together.countDown();
            return awaited(together);
        })) {
            self.set(loop);
            loop.start();

            // When it is told once of four pieces of work
            work.set(4);
            loop.wake();

            // Then
            assertThat(awaited(together)).isTrue();
        }
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
