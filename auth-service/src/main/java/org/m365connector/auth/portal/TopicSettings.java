package org.m365connector.auth.portal;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** How auth-service makes topics. */
@ConfigMapping(prefix = "m365.topics")
interface TopicSettings {

    /** Copies of each topic; 3 in production, 1 on one machine. */
    @WithDefault("1")
    short replication();

    /** {@code min.insync.replicas} of each topic; 2 in production. */
    @WithDefault("1")
    int minInsyncReplicas();

    /** Partitions of a portal's topics. */
    @WithDefault("6")
    int partitions();

    /** Partitions of the suite's own topics. */
    @WithDefault("3")
    int suitePartitions();

    /** How long the broker may take to make them. */
    @WithDefault("15S")
    Duration timeout();

    /** What portals are told to connect to, where it is not what we connect to ourselves. */
    Optional<String> publicBootstrap();
}
