package org.m365connector.auth.portal;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How portals and registrations end. */
@ConfigMapping(prefix = "m365.ending")
public interface EndingSettings {

    /** How long sync-service has to delete their subscriptions at Graph; then they are removed all the same. */
    @WithDefault("10M")
    Duration within();
}
