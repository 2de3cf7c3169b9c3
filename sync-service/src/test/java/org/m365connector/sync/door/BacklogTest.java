package org.m365connector.sync.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
    private final Backlog backlog = new Backlog(10, Duration.ofMillis(450), nanos::get);

    private void pass(long millis) {
        nanos.addAndGet(Duration.ofMillis(millis).toNanos());
    }

    @Test
    void noMoreItemsThanThereMayBe() {
        assertThat(backlog.enter(6)).isPresent();
        assertThat(backlog.enter(5)).isEmpty();
        assertThat(backlog.hasRoomFor(5)).isFalse();
        assertThat(backlog.hasRoomFor(4)).isTrue();
        assertThat(backlog.enter(4)).isPresent();
        assertThat(backlog.items()).isEqualTo(10);
    }

    @Test
    void whatIsMoreThanThereMayBeIsLetInAlone() {
        Backlog.Entry large = backlog.enter(25).orElseThrow();
        assertThat(backlog.hasRoomFor(1)).isFalse();
        assertThat(backlog.enter(1)).isEmpty();
        large.leave(25);
        assertThat(backlog.hasRoomFor(25)).isTrue();
        assertThat(backlog.enter(1)).isPresent();
        assertThat(backlog.enter(25)).isEmpty();
        assertThat(backlog.items()).isEqualTo(1);
    }

    @Test
    void nothingIsLetInBehindOneThatHasWaitedTooLong() {
        Backlog.Entry first = backlog.enter(2).orElseThrow();
        pass(400);
        Backlog.Entry second = backlog.enter(2).orElseThrow();
        pass(51);
        assertThat(backlog.hasRoomFor(1)).isFalse();
        assertThat(backlog.enter(1)).isEmpty();

        first.leave(1);
        assertThat(backlog.hasRoomFor(1)).as("a half of it still waits").isFalse();
        first.leave(1);
        assertThat(backlog.hasRoomFor(1)).isTrue();
        pass(400);
        assertThat(backlog.enter(1)).as("the second one is the oldest now").isEmpty();
        second.leave(2);
        assertThat(backlog.enter(1)).isPresent();
        assertThat(backlog.items()).isEqualTo(1);
    }

    @Test
    void aLittleThatWaitsKeepsNobodyOut() {
        assertThat(backlog.enter(1)).isPresent();
        pass(451);
        assertThat(backlog.hasRoomFor(9)).isTrue();
        assertThat(backlog.enter(1)).isPresent();
        assertThat(backlog.hasRoomFor(1)).as("it is more than a little").isFalse();
    }

    @Test
    void whatLeavesBeforeTheOldestIsForgottenBehindIt() {
        Backlog.Entry oldest = backlog.enter(2).orElseThrow();
        Backlog.Entry next = backlog.enter(1).orElseThrow();
        pass(100);
        next.leave(1);
        pass(351);
        assertThat(backlog.hasRoomFor(1)).isFalse();
        oldest.leave(2);
        pass(10_000);
        assertThat(backlog.hasRoomFor(10)).isTrue();
    }

    @Test
    void whatNeverLeavesDoesNotCloseTheDoor() {
        assertThat(backlog.enter(5)).isPresent();
        pass(4_500);
        assertThat(backlog.hasRoomFor(1)).isFalse();
        pass(1);
        assertThat(backlog.hasRoomFor(5)).isTrue();
        assertThat(backlog.hasRoomFor(6)).isFalse();
        assertThat(backlog.enter(5)).isPresent();
    }

    @Test
    void nothingIsKeptOfWhatHasLeft() {
        for (int i = 0; i < 1_000; i++) {
            backlog.enter(1).orElseThrow().leave(1);
        }
        assertThat(backlog.entries()).isLessThanOrEqualTo(1);
    }
}
