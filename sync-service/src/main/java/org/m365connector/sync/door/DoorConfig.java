package org.m365connector.sync.door;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** The door through which Graph's notifications come. */
@ConfigMapping(prefix = "m365.sync.door")
interface DoorConfig {
    /** After this time without Kafka's acknowledgement Graph is answered 503, whereupon it sends again. Below 1 s. */
    @WithDefault("900MS")
    Duration answerWithin();

    /** Largest body that is read; Graph's are a few KiB. */
    @WithDefault("1M")
    MemorySize largestBody();

    /**
     * Largest encrypted content of one item; a larger one is left out, and a round finds what has changed. Content comes only for
     * watches with rich notifications.
     */
    @WithDefault("256K")
    MemorySize largestContent();

    /** Most items in one body. */
    @WithDefault("1000")
    int mostItems();

    /** Items that may be on their way to Kafka at the same time, each KiB of content counted as another; beyond that 503 at once. */
    @WithDefault("20000")
    int mostInFlight();
}
