package org.m365connector.graphproxy.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RetryAfterTest {

    private static final Instant NOW = Instant.parse("2026-11-28T10:00:00Z");

    @Test
    void readsSecondsDecimalsAndDates() {
        assertThat(RetryAfter.parse("13", NOW)).hasValue(Duration.ofSeconds(13));
        assertThat(RetryAfter.parse(" 2.128 ", NOW)).hasValue(Duration.ofMillis(2_128));
        assertThat(RetryAfter.parse("Sat, 28 Nov 2026 10:00:30 GMT", NOW)).hasValue(Duration.ofSeconds(30));
        assertThat(RetryAfter.parse("Sat, 28 Nov 2026 09:00:30 GMT", NOW)).hasValue(Duration.ZERO);
        assertThat(RetryAfter.parse("999999999", NOW)).hasValue(Duration.ofDays(1));
    }

    @Test
    void whatCannotBeReadIsAsIfItWereNotThere() {
        for (String text : new String[] {null, "", "soon", "-1", "1e9", "99999999999999999999"}) {
            assertThat(RetryAfter.parse(text, NOW)).as(text).isEmpty();
        }
    }

    @Test
    void datesAreMeasuredByTheClockOfWhoeverWroteThem() {
        Instant sent = RetryAfter.sentAt("Sat, 28 Nov 2026 09:59:00 GMT", NOW);

        assertThat(RetryAfter.parse("Sat, 28 Nov 2026 09:59:20 GMT", sent)).hasValue(Duration.ofSeconds(20));
        for (String text : new String[] {null, "", "yesterday"}) {
            assertThat(RetryAfter.sentAt(text, NOW)).as(text).isEqualTo(NOW);
        }
    }

    @Test
    void callersAreNeverToldTooLittle() {
        assertThat(RetryAfter.seconds(Duration.ofMillis(2_128))).isEqualTo("3");
        assertThat(RetryAfter.seconds(Duration.ofSeconds(2))).isEqualTo("2");
        assertThat(RetryAfter.seconds(Duration.ZERO)).isEqualTo("1");
    }
}
