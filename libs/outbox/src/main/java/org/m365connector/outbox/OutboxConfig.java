package org.m365connector.outbox;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How the service's outbox and inbox work. */
@ConfigMapping(prefix = "m365.outbox")
interface OutboxConfig {

    /** Whether this process relays. Switch it off where a process has no database or another process relays for it. */
    @WithDefault("true")
    boolean relay();

    /**
     * Name of the relay, the same in all replicas of a service and in no other service. Kafka knows it as transactional id
     * and as consumer group, so ACLs must allow both.
     */
    @WithDefault("${quarkus.application.name}-relay")
    String name();

    /** How long a leader that says nothing stays the leader. */
    @WithDefault("5s")
    Duration lease();

    /** How long a row waits at most if PostgreSQL's NOTIFY is lost. */
    @WithDefault("2s")
    Duration poll();

    /** Pause before a row that Kafka refused is tried for the second time; doubles with each further time. */
    @WithDefault("1s")
    Duration firstRetry();

    /** Longest pause between two tries of a row that Kafka refuses. */
    @WithDefault("5m")
    Duration longestRetry();

    /** How long the inbox remembers an event; longer than Kafka keeps it. */
    @WithDefault("8d")
    Duration inboxRetention();
}
