package org.m365connector.sync.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SyncTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final Duration EVERY = Duration.ofSeconds(5);

    @Test
    void countsUntilItEndsAndRemembersThat() {
        Sync sync = Sync.first(NOW);
        sync.page(50);
        sync.page(20);
        sync.askedFor(3);
        assertThat(sync.isRunning()).isTrue();
        assertThat(sync.pages()).isEqualTo(2);
        assertThat(sync.items()).isEqualTo(73);

        sync.end(NOW.plusSeconds(9));
        assertThat(sync.isRunning()).isFalse();
        assertThat(sync.endedAt()).contains(NOW.plusSeconds(9));
        assertThat(sync.items()).isEqualTo(73);
    }

    @Test
    void anotherOneBeginsLaterWhateverTheClockSays() {
        Sync sync = Sync.first(NOW);
        sync.page(50);
        sync.begin(false, NOW.minusSeconds(2));
        assertThat(sync.first()).isFalse();
        assertThat(sync.begunAt()).isAfter(NOW);
        assertThat(sync.pages()).isZero();
        assertThat(sync.items()).isZero();
        assertThat(sync.isRunning()).isTrue();
    }

    @Test
    void isToldAtOnceAndThenNotTooOftenAlsoWhereItBeginsAnew() {
        Sync sync = Sync.first(NOW);
        assertThat(sync.isToBeTold(EVERY, NOW)).isTrue();
        sync.told(NOW);
        assertThat(sync.isToBeTold(EVERY, NOW.plusMillis(4_999))).isFalse();
        sync.begin(true, NOW.plusSeconds(1));
        assertThat(sync.isToBeTold(EVERY, NOW.plusSeconds(2))).isFalse();
        assertThat(sync.isToBeTold(EVERY, NOW.plusSeconds(5))).isTrue();
    }
}
