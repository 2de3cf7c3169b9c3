package org.m365connector.outbound;

import io.smallrye.config.ConfigMapping;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/** How this network is left. */
@ConfigMapping(prefix = "m365")
public interface OutboundSettings {

    /** Proxy for https, {@code http://host:port} ({@code M365_HTTPS_PROXY}). Plain http never goes through it. */
    Optional<URI> httpsProxy();

    /** PEM file of certificate authorities that are trusted besides those of the JDK ({@code M365_TRUST_FILE}). */
    Optional<Path> trustFile();
}
