package org.m365connector.auth.token;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How tokens are issued. */
@ConfigMapping(prefix = "m365.tokens")
public interface TokenSettings {

    /** Life that a token must have left where the caller does not say. */
    @WithDefault("60S")
    Duration minimumTtl();

    /**
     * How long one replica may renew a token before another takes over. Must be longer than twice {@code m365.entra.timeout}:
     * a renewal begins its last grant before half of it is over.
     */
    @WithDefault("30S")
    Duration lease();

    /** How long a caller waits for a renewal that another replica has begun. */
    @WithDefault("20S")
    Duration patience();

    /** How often a waiting replica looks whether the other is done. */
    @WithDefault("0.05S")
    Duration poll();

    /** Tokens kept in memory at most. */
    @WithDefault("50000")
    long mostInMemory();
}
