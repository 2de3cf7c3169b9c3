package org.m365connector.sync.subscription;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import org.m365connector.sync.work.Heartbeat;

/** How subscriptions at Graph are kept alive. */
@ConfigMapping(prefix = "m365.sync.subscription")
interface SubscriptionConfig {
    /** Life asked for mail; Graph's bound is 10,080 minutes. A shorter bound is learned from Graph's answer. */
    @WithDefault("10070M")
    Duration mailLife();

    /** Life asked for mail whose notifications carry content; Graph's bound is 1,440 minutes. */
    @WithDefault("1430M")
    Duration richMailLife();

    /** Life asked for Teams messages; Graph's bound is 4,320 minutes. */
    @WithDefault("4310M")
    Duration teamsLife();

    /** Life asked for drives; Graph's bound is 42,300 minutes. */
    @WithDefault("42290M")
    Duration driveLife();

    /** Part of its life after which a subscription is renewed. */
    @WithDefault("0.6")
    double renewAfter();

    /**
     * So many rounds by the timer in a row that find what no notification has told are too many: the subscription is made anew. After
     * as many more its container is polled.
     */
    @WithDefault("3")
    int mostMisses();

    /** How often auth-service is told for which registrations notifications are missing, where that has changed. */
    @WithDefault("30S")
    Duration reportEvery();

    /**
     * How often to look for containers without a subscription, which an older replica may still make, and for subscriptions that
     * report to where our door was, which a replica that knows of the old address may.
     */
    @WithDefault("1M")
    Duration missingEvery();

    /** How often to look for due subscriptions when nothing has woken the worker. */
    @WithDefault("1S")
    Duration pollInterval();

    /** After how long a subscription, or the end of a watch, is taken over from a killed process; see {@link Heartbeat}. */
    @WithDefault("12S")
    Duration lease();

    /** Pause after the first failed attempt; doubled with every further one. */
    @WithDefault("1S")
    Duration firstBackoff();

    /** Longest pause between attempts. */
    @WithDefault("1M")
    Duration longestBackoff();

    /** For how long an ended watch waits for Graph to delete its subscription, which dies by itself anyway. */
    @WithDefault("10M")
    Duration endWithin();
}
