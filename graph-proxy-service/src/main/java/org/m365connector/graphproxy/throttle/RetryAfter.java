package org.m365connector.graphproxy.throttle;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** The header {@code Retry-After} in its three shapes: whole seconds, a decimal as Graph sometimes sends, an HTTP date. */
public final class RetryAfter {

    private static final Duration LONGEST = Duration.ofDays(1);

    private RetryAfter() {}

    /**
     * @param header or null; empty where there is none that can be read
     * @param now by the clock of whoever wrote it, see {@link #sentAt}
     */
    public static Optional<Duration> parse(String header, Instant now) {
        if (header == null || header.isBlank()) {
            return Optional.empty();
        }
        String text = header.strip();
        if (text.matches("\\d{1,9}(\\.\\d+)?")) {
            return Optional.of(bounded(Duration.ofMillis((long) Math.ceil(Double.parseDouble(text) * 1000))));
        }
        return date(text).map(then -> bounded(Duration.between(now, then)));
    }

    /**
     * When an answer was written, by the clock of whoever wrote it: a date in it says how long to wait only by that one.
     *
     * @param date the header {@code Date}, or null
     * @param now by our clock, where there is no date that can be read
     */
    public static Instant sentAt(String date, Instant now) {
        return Optional.ofNullable(date).flatMap(RetryAfter::date).orElse(now);
    }

    private static Optional<Instant> date(String text) {
        try {
            return Optional.of(ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Duration bounded(Duration duration) {
        if (duration.isNegative()) {
            return Duration.ZERO;
        }
        return duration.compareTo(LONGEST) > 0 ? LONGEST : duration;
    }

    /** As a caller is told: whole seconds, at least one, never too few. */
    public static String seconds(Duration duration) {
        return Long.toString(Math.max(1, (duration.toMillis() + 999) / 1000));
    }
}
