package org.m365connector.sync.rich;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;

/** Key pairs for notifications with content; made when the first watch asks for such notifications. */
@ConfigMapping(prefix = "m365.sync.rich")
interface RichConfig {
    /** Age after which another key pair is used; subscriptions get its certificate when they are renewed. */
    @WithDefault("30D")
    Duration rotateAfter();

    /** How long a former key pair can still open notifications: longer than a subscription's life and Graph's 4 h of repeats. */
    @WithDefault("14D")
    Duration keepAfterwards();

    /** How long Entra's signing keys are taken as they are. */
    @WithDefault("24H")
    Duration signingKeysLive();

    /** How long an unknown signing key is not asked for after the keys were read: anybody can make one up. */
    @WithDefault("5M")
    Duration signingKeysPause();

    /**
     * Application ids of who publishes notifications, as Graph's tokens name it. The default is Microsoft Graph Change Tracking; Microsoft
     * does not say whether that has another one in sovereign clouds.
     */
    @WithDefault("0bf30f3b-4a52-48df-9a82-234910c4a086")
    List<String> publishers();

    /** How long to wait for Entra's signing keys. */
    @WithDefault("5S")
    Duration signingKeysTimeout();
}
