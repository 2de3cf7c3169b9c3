package org.m365connector.sync.watch;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import org.m365connector.sync.work.Heartbeat;

/** How watches are set up. */
@ConfigMapping(prefix = "m365.sync.watch")
interface WatchConfig {
    /** How often to look for new watches when nothing has woken the worker. */
    @WithDefault("1S")
    Duration pollInterval();

    /** After how long the watch that a killed process was setting up is taken over; see {@link Heartbeat}. */
    @WithDefault("12S")
    Duration lease();

    /** Pause after the first failed attempt; doubled with every further one. */
    @WithDefault("1S")
    Duration firstBackoff();

    /** Longest pause between attempts, also while somebody has to sign in. */
    @WithDefault("30S")
    Duration longestBackoff();

    /** For how long a user or registration that is not known yet may still turn up. */
    @WithDefault("10S")
    Duration unknownGrace();
}
