package org.m365connector.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.m365connector.emulator.Emulator;

class OutboundTest {

    private static final URI PROXY = URI.create("http://proxy.example:3128");

    @Test
    void anAuthorityOfOnesOwnIsTrustedOnlyWhereItsCertificateIsConfigured(@TempDir Path directory) throws Exception {
        try (Emulator emulator = Emulator.start()) {
            Path pem = Files.writeString(directory.resolve("ca.pem"), emulator.caPem());
            URI keys = URI.create(emulator.httpsBase() + "/common/discovery/v2.0/keys");

            assertThat(get(outbound(Optional.empty(), "", Optional.of(pem)), keys))
                    .contains("\"keys\"");
            assertThatThrownBy(() -> get(outbound(Optional.empty(), "", Optional.empty()), keys))
                    .isInstanceOf(SSLException.class);
        }
    }

    @Test
    void whatTheJdkTrustsIsTrustedBesides(@TempDir Path directory) throws IOException {
        try (Emulator emulator = Emulator.start()) {
            Path pem = Files.writeString(directory.resolve("ca.pem"), emulator.caPem());
            int usual = Outbound.trusting(null).getAcceptedIssuers().length;

            assertThat(Outbound.trusting(pem).getAcceptedIssuers()).hasSize(usual + 1);
        }
    }

    @Test
    void theProxyIsUsedForHttpsOnlyAndNotForWhatIsNamedAsDirect() {
        Outbound outbound = outbound(Optional.of(PROXY), "localhost, .corp.example,intern.example", Optional.empty());

        URI entra = URI.create("https://login.microsoftonline.com/x");
        assertThat(outbound.proxyFor(entra)).contains(PROXY);
        assertThat(outbound.proxySelector().select(entra))
                .containsExactly(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(PROXY.getHost(), PROXY.getPort())));
        for (String direct : new String[] {
            "http://login.microsoftonline.com/x",
            "https://localhost:8090/",
            "https://a.corp.example/",
            "https://INTERN.example/"
        }) {
            assertThat(outbound.proxyFor(URI.create(direct))).as(direct).isEmpty();
            assertThat(outbound.proxySelector().select(URI.create(direct)))
                    .as(direct)
                    .containsExactly(Proxy.NO_PROXY);
        }
    }

    @Test
    void aProxyThatCannotBeUsedIsToldAtTheStart() {
        for (String proxy :
                new String[] {"http://proxy", "proxy:3128", "https://proxy:3128", "http://me:secret@proxy:3128"}) {
            assertThatThrownBy(() -> outbound(Optional.of(URI.create(proxy)), "", Optional.empty()))
                    .as(proxy)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("M365_HTTPS_PROXY")
                    .hasMessageNotContaining("secret");
        }
    }

    @Test
    void aTrustFileThatIsNotThereIsToldAtTheStart(@TempDir Path directory) {
        Path missing = directory.resolve("ca.pem");

        assertThatThrownBy(() -> outbound(Optional.empty(), "", Optional.of(missing)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("m365.trust-file")
                .hasMessageContaining("ca.pem");
    }

    private static String get(Outbound outbound, URI uri) throws IOException, InterruptedException {
        HttpClient.Builder client = HttpClient.newBuilder().proxy(outbound.proxySelector());
        outbound.sslContext().ifPresent(client::sslContext);
        return client.build()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static Outbound outbound(Optional<URI> proxy, String noProxy, Optional<Path> trustFile) {
        return new Outbound(new Settings(proxy, trustFile), Optional.of(noProxy).filter(hosts -> !hosts.isEmpty()));
    }

    private record Settings(Optional<URI> httpsProxy, Optional<Path> trustFile) implements OutboundSettings {}
}
