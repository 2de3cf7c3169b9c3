package org.m365connector.auth.entra;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** With what registrations prove themselves to Entra. */
@ConfigMapping(prefix = "m365.credentials")
public interface CredentialSettings {

    /**
     * Directory below which the token files of federated credentials lie ({@code M365_CREDENTIALS_TOKEN_DIRECTORY}). Where it is
     * not set there are no federated credentials: nobody can make the service read a file by its API.
     */
    Optional<Path> tokenDirectory();

    /** How long a credential that Entra refused is left aside while another one is accepted. */
    @WithDefault("5M")
    Duration pause();

    /** Where Entra accepts none: how long it is not asked with the same credential again. */
    @WithDefault("30S")
    Duration retry();
}
