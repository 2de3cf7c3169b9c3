package org.m365connector.sync.delivery;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A delivery as the API shows it; never the key.
 *
 * @param state {@code pushing}; {@code waiting} while the portal cannot be reached or does not take what it is sent;
 *     {@code collecting} where there is no URL and the portal asks
 * @param waiting how many events wait, by topic's record
 * @param oldest since when the oldest of them waits
 * @param nextAttemptAt when a portal that was away is tried again
 */
public record DeliveryView(
        String state,
        Optional<String> url,
        List<String> topics,
        long waiting,
        Optional<Instant> oldest,
        Optional<Instant> lastDeliveredAt,
        Optional<Instant> nextAttemptAt,
        Optional<String> problem) {}
