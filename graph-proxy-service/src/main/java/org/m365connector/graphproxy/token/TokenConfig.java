package org.m365connector.graphproxy.token;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Tokens from auth-service. */
@ConfigMapping(prefix = "m365.token")
public interface TokenConfig {

    /** How long a token from auth-service has to live at least. */
    @WithDefault("120S")
    Duration minimumTtl();

    /** How long before its end a token is renewed in the background; for short-lived ones a quarter of their life. */
    @WithDefault("5M")
    Duration refreshAhead();

    /** How long auth-service may take, Entra ID included. Then the caller gets {@code auth-unavailable}. */
    @WithDefault("15S")
    Duration timeout();
}
