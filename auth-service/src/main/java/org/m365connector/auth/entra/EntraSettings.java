package org.m365connector.auth.entra;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How auth-service talks to Entra ID. */
@ConfigMapping(prefix = "m365.entra")
public interface EntraSettings {

    /** Host of the cloud {@code global} ({@code M365_ENTRA_AUTHORITY}), without tenant and trailing slash. */
    @WithDefault("https://login.microsoftonline.com")
    String authority();

    /** How long a connection may take. */
    @WithDefault("5S")
    Duration connectTimeout();

    /** How long a grant may take in all, however many credentials are tried. */
    @WithDefault("10S")
    Duration timeout();

    /**
     * Whether the connector tells Entra that it handles claims challenges ({@code cp1}). Tokens then live for about a day and
     * lose their worth within minutes when a person is blocked or changes the password (continuous access evaluation).
     */
    @WithDefault("false")
    boolean cp1();
}
