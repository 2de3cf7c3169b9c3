package org.m365connector.sync.delivery;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How events are delivered to portals without Kafka. */
@ConfigMapping(prefix = "m365.sync.delivery")
interface DeliveryConfig {
    /** How many portals this process pushes to at the same time. */
    @WithDefault("8")
    int workers();

    /** How many calls to one portal are under way at the same time; those of one key never are. */
    @WithDefault("4")
    int parallel();

    /** How long a call to a portal may take before it counts as failed. Less than half of the lease. */
    @WithDefault("10S")
    Duration callTimeout();

    /** How often to look for due deliveries when nothing has woken the workers. */
    @WithDefault("1S")
    Duration pollInterval();

    /** After how long a killed process' portals are taken over; a worker that lives renews its lease three times as often. */
    @WithDefault("20S")
    Duration lease();

    /** Pause after the first failed attempt; doubled with every further one. */
    @WithDefault("1S")
    Duration firstBackoff();

    /** Longest pause between attempts. */
    @WithDefault("5M")
    Duration longestBackoff();

    /** How often an event that the portal answers with 4xx is offered before it goes to the dead letter. */
    @WithDefault("10")
    int mostRefusals();

    /** For how long an event that makes the portal answer 500 is offered before it goes to the dead letter. */
    @WithDefault("24H")
    Duration patience();

    /** For how long an event waits at most; afterwards it goes to the dead letter, or, where nobody has asked for it, away. */
    @WithDefault("7D")
    Duration keep();

    /** How many callers this process lets wait for new events; others are answered at once. */
    @WithDefault("64")
    int mostWaiting();
}
