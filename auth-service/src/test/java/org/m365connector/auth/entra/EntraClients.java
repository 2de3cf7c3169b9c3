package org.m365connector.auth.entra;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.m365connector.outbound.Outbound;
import org.m365connector.outbound.OutboundSettings;

/** Makes clients of Entra without Quarkus, for processes that tests start. */
public final class EntraClients {

    private EntraClients() {}

    public static EntraClient client(String authority, Duration timeout, Clock clock) {
        EntraSettings settings = new Settings(authority, timeout, timeout, false);
        CredentialSettings pauses = new Pauses(Optional.empty(), Duration.ofMinutes(5), Duration.ofSeconds(30));
        return new EntraClient(settings, pauses, http(settings, clock), new Silent(), new SimpleMeterRegistry(), clock);
    }

    /** What stands below it, without a way out of its own. */
    static EntraHttp http() {
        return http(new Settings("unused", Duration.ofSeconds(20), Duration.ofSeconds(20), false), Clock.systemUTC());
    }

    private static EntraHttp http(EntraSettings settings, Clock clock) {
        Outbound outbound = new Outbound(new Direct(Optional.empty(), Optional.empty()), Optional.empty());
        return new EntraHttp(settings, outbound, clock);
    }

    private record Settings(String authority, Duration connectTimeout, Duration timeout, boolean cp1)
            implements EntraSettings {}

    private record Pauses(Optional<Path> tokenDirectory, Duration pause, Duration retry)
            implements CredentialSettings {}

    /** Nobody is told what Entra thinks of a credential. */
    private static final class Silent implements CredentialWitness {
        @Override
        public void accepted(String credentialId) {}

        @Override
        public void refused(String credentialId) {}
    }

    private record Direct(Optional<URI> httpsProxy, Optional<Path> trustFile) implements OutboundSettings {}
}
