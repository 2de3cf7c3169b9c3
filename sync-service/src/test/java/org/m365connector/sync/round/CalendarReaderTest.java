package org.m365connector.sync.round;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CalendarReaderTest {
    private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");
    private static final CalendarReader.Window WINDOW =
            new CalendarReader.Window(Duration.ofDays(10), Duration.ofDays(20), Duration.ofDays(1));

    private static boolean outgrown(String path, String link) {
        return new CalendarReader(null, path, WINDOW, NOW, 50, Questions.none()).outgrown(link);
    }

    @Test
    void linkIsOutgrownOnceNowHasMovedOnInItsWindow() {
        String path = "users/u/events";
        assertThat(outgrown(path, "2026-11-19T12:00:00Z /users/u/calendarView/delta?$deltatoken=t"))
                .isFalse();
        assertThat(outgrown(path, "2026-11-18T11:59:59Z /users/u/calendarView/delta?$deltatoken=t"))
                .isTrue();
    }

    /** A replica that knew no named calendars has begun it. */
    @Test
    void linkOfTheStandardCalendarIsNoneOfANamedOne() {
        String path = "users/u/calendars/c/events";
        assertThat(outgrown(path, "2026-11-19T12:00:00Z /users/u/calendarView/delta?$deltatoken=t"))
                .isTrue();
        assertThat(outgrown(path, "2026-11-19T12:00:00Z /users/u/calendars/c/calendarView/delta?$deltatoken=t"))
                .isFalse();
        assertThat(outgrown(path, "2026-11-19T12:00:00Z /users('u')/calendars('c')/calendarView/delta?$deltatoken=t"))
                .isFalse();
    }
}
