package org.m365connector.sync.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

class SystemClockTest {
    private final Clock clock = new SystemClock().clock();

    @Test
    void timeIsToTheMicrosecondAsTheDatabaseKeepsIt() {
        for (int i = 0; i < 1_000; i++) {
            Instant now = clock.instant();
            assertThat(now).isEqualTo(now.truncatedTo(ChronoUnit.MICROS));
        }
    }

    @Test
    void millisAreThoseOfTheInstant() {
        long before = Instant.now().toEpochMilli();
        long millis = clock.millis();
        assertThat(millis).isBetween(before, clock.instant().toEpochMilli());
    }

    @Test
    void anotherZoneIsTheSameTime() {
        Clock berlin = clock.withZone(ZoneId.of("Europe/Berlin"));
        assertThat(berlin.getZone()).isEqualTo(ZoneId.of("Europe/Berlin"));
        assertThat(berlin.instant()).isBetween(clock.instant().minusSeconds(60), clock.instant());
    }
}
