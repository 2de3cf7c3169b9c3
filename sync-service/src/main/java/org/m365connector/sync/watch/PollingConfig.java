package org.m365connector.sync.watch;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** Rounds where no notification comes: without a public address, or where Graph does not get through to us. */
@ConfigMapping(prefix = "m365.sync.polling")
public interface PollingConfig {
    /** Time between two rounds of a mail folder; a round is one call and more. */
    @WithDefault("2M")
    Duration mailInterval();

    /**
     * The same for Teams. Microsoft asks not to poll Teams more often than once a day and may throttle the app, so that is done only
     * where this is set: every 5 minutes are 288 calls a day and channel, out of one a second for a channel and 30 a second for the
     * app in a tenant.
     */
    Optional<Duration> teamsInterval();

    /** Empty where that kind is not polled more often than it is reconciled anyway. */
    default Optional<Duration> every(WatchKind kind) {
        return kind.teams() ? teamsInterval() : Optional.of(mailInterval());
    }
}
