package org.m365connector.sync.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
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
            await().until(() -> asked.get() > 10);
            assertThat(steps).hasValue(0);

            open.set(true);
            await().until(() -> steps.get() > 0);
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
            await().atMost(Duration.ofSeconds(60)).until(() -> steps.get() > 1);
        }
    }
}
