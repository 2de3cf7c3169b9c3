package org.m365connector.auth.entra;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** Makes clients of Entra without Quarkus, for processes that tests start. */
public final class EntraClients {

    private EntraClients() {}

    public static EntraClient client(String authority, Duration timeout, Clock clock) {
        EntraSettings settings = new Settings(authority, timeout, timeout, false);
        Outbound outbound = new Outbound(new Direct(Optional.empty(), Optional.empty()), Optional.empty());
        return new EntraClient(settings, new EntraHttp(settings, outbound, clock), new SimpleMeterRegistry());
    }

    private record Settings(String authority, Duration connectTimeout, Duration timeout, boolean cp1)
            implements EntraSettings {}

    private record Direct(Optional<URI> httpsProxy, Optional<Path> trustFile) implements OutboundSettings {}
}
