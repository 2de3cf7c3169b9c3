package org.m365connector.sync.watch;

import java.time.Duration;
import java.util.Optional;

/**
 * How changes of a container are heard of.
 *
 * @param mode {@code notifications}, or {@code polling} where none come
 * @param reason why it is polled: {@code no-public-address}, {@code not-subscribed} (Graph does not reach the door, or refuses),
 *     {@code notifications-missed}, {@code subscription-contested} (another installation has the only one that Graph allows)
 * @param every time between two rounds while it is polled, ISO 8601; empty where that kind may only be looked at once a day, unless the operator
 *     has chosen otherwise
 * @param callsPerDay what polling costs at least, in calls to Graph
 */
public record Updates(String mode, Optional<String> reason, Optional<String> every, Optional<Long> callsPerDay) {
    private static final Updates BY_NOTIFICATIONS =
            new Updates("notifications", Optional.empty(), Optional.empty(), Optional.empty());

    static Updates of(Optional<String> whyPolled, WatchKind kind, PollingConfig polling) {
        Optional<Duration> every = polling.every(kind);
        return whyPolled
                .map(reason -> new Updates(
                        "polling",
                        Optional.of(reason),
                        every.map(Duration::toString),
                        every.map(time -> Duration.ofDays(1).toMillis() / Math.max(1, time.toMillis()))))
                .orElse(BY_NOTIFICATIONS);
    }
}
