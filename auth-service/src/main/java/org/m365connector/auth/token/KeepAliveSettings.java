package org.m365connector.auth.token;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How static accounts are kept alive. */
@ConfigMapping(prefix = "m365.keep-alive")
interface KeepAliveSettings {

    /** A static account that was not used is renewed after so long at the latest, and not before three quarters of it. */
    @WithDefault("24H")
    Duration interval();
}
