package org.m365connector.auth.entra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.m365connector.emulator.Emulator;

class OutboundTest {

    @Test
    void anAuthorityOfOurOwnIsTrustedOnlyWhereItsCertificateIsConfigured(@TempDir Path directory) throws IOException {
        try (Emulator emulator = Emulator.start()) {
            Path pem = Files.writeString(directory.resolve("ca.pem"), emulator.caPem());
            URI keys = URI.create(emulator.httpsBase() + "/common/discovery/v2.0/keys");

            assertThat(http(outbound("", Optional.of(pem))).get(keys))
                    .hasValueSatisfying(body -> assertThat(body).contains("\"keys\""));
            assertThat(http(outbound("", Optional.empty())).get(keys)).isEmpty();
        }
    }

    @Test
    void theProxyIsUsedForHttpsOnlyAndNotForWhatIsNamedAsDirect() {
        Outbound outbound = outbound("localhost, .corp.example,intern.example", Optional.empty());

        assertThat(outbound.proxyFor(URI.create("https://login.microsoftonline.com/x")))
                .contains(URI.create("http://proxy.example:3128"));
        for (String direct : new String[] {
            "http://login.microsoftonline.com/x",
            "https://localhost:8090/",
            "https://a.corp.example/",
            "https://INTERN.example/"
        }) {
            assertThat(outbound.proxyFor(URI.create(direct))).as(direct).isEmpty();
        }
    }

    @Test
    void anEntraThatIsSlowOrSendsElsewhereIsGivenUp() {
        try (Emulator emulator = Emulator.start()) {
            EntraHttp http = http(outbound("", Optional.empty()));
            URI page = URI.create(emulator.httpBase() + "/common/oauth2/v2.0/authorize");

            // Whatever it is, it is not a 200 with what we asked for, and no redirect is followed.
            assertThat(http.get(page)).isEmpty();
        }
        EntraHttp http = http(outbound("", Optional.empty()));
        assertThat(http.get(URI.create("http://localhost:1/keys"))).isEmpty();
    }

    @Test
    void aProxyThatCannotBeUsedIsToldAtTheStart() {
        for (String proxy :
                new String[] {"http://proxy", "proxy:3128", "https://proxy:3128", "http://me:secret@proxy:3128"}) {
            assertThatThrownBy(() -> new Outbound(
                            new Outside(Optional.of(URI.create(proxy)), Optional.empty()), Optional.empty()))
                    .as(proxy)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("M365_HTTPS_PROXY")
                    .hasMessageNotContaining("secret");
        }
    }

    private static EntraHttp http(Outbound outbound) {
        return new EntraHttp(new Settings(), outbound, Clock.systemUTC());
    }

    private static Outbound outbound(String noProxy, Optional<Path> trustFile) {
        // Tests on localhost do not go through the proxy, for it is not there.
        return new Outbound(
                new Outside(Optional.of(URI.create("http://proxy.example:3128")), trustFile),
                Optional.of(noProxy.isEmpty() ? "localhost" : noProxy));
    }

    private record Outside(Optional<URI> httpsProxy, Optional<Path> trustFile) implements OutboundSettings {}

    private record Settings() implements EntraSettings {
        @Override
        public String authority() {
            return "unused";
        }

        @Override
        public Duration connectTimeout() {
            return Duration.ofSeconds(20);
        }

        @Override
        public Duration timeout() {
            return Duration.ofSeconds(20);
        }

        @Override
        public boolean cp1() {
            return false;
        }
    }
}
