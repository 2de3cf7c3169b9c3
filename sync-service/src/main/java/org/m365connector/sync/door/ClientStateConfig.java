package org.m365connector.sync.door;

import io.smallrye.config.ConfigMapping;
import java.util.List;

/** Keys of the mark that makes a notification credible. */
@ConfigMapping(prefix = "m365")
interface ClientStateConfig {
    /**
     * Secret keys ({@code M365_CLIENT_STATE_KEY}, separated by commas), each at least 16 characters. New subscriptions are marked
     * with the first; all are accepted, so that one can be replaced while subscriptions live.
     */
    List<String> clientStateKey();
}
