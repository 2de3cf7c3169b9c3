package org.m365connector.auth.login;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How long logins may take. */
@ConfigMapping(prefix = "m365.login")
interface LoginSettings {

    /** Life of a ticket that a portal asked for, to be opened at once. */
    @WithDefault("15M")
    Duration ticketLife();

    /** Life of a link that may be sent on: for static accounts, and in events. */
    @WithDefault("24H")
    Duration linkLife();

    /** A link with more life than this left is given out again instead of a new one. */
    @WithDefault("10M")
    Duration reuseAbove();

    /** How long somebody may stay on Entra's pages. */
    @WithDefault("15M")
    Duration attemptLife();

    /** How often it is looked whether Entra shows by now what an administrator consented to. Each look is a call to Entra. */
    @WithDefault("1M")
    Duration consentLook();

    /** For how long that is looked. Entra takes some minutes. */
    @WithDefault("30M")
    Duration consentLookFor();

    /** How long finished logins are remembered, so that a repeated callback can be told what happened. */
    @WithDefault("2D")
    Duration remember();
}
