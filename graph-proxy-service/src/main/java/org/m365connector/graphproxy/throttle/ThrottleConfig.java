package org.m365connector.graphproxy.throttle;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Map;

/** Graph's limits, and how long calls wait for them. */
@ConfigMapping(prefix = "m365.throttle")
interface ThrottleConfig {

    /** Whether calls are held back before Graph does. Switched off, Graph's own 429 is all there is. */
    @WithDefault("true")
    boolean enabled();

    /** How long a call that somebody waits for may be held back; longer, and it is refused at once with {@code Retry-After}. */
    @WithDefault("5S")
    Duration interactiveWait();

    /** The same for work in the background. */
    @WithDefault("10S")
    Duration syncWait();

    /** Calls that may wait for one scope. */
    @WithDefault("256")
    int queue();

    /** Calls that may wait in all. */
    @WithDefault("4096")
    int waiting();

    /** How long a replica may be silent before the others share half of what was its; it takes no more than the other half before. */
    @WithDefault("5S")
    Duration replicaSilence();

    /** Limits other than Microsoft's, by their names in {@code limits.properties}: {@code outlook} = {@code mailbox 10000/600, mailbox 4 at once}. */
    Map<String, String> limits();
}
