package org.m365connector.auth.entra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.EmulatorOptions;
import org.m365connector.emulator.Seed;
import org.m365connector.outbound.Outbound;
import org.m365connector.outbound.OutboundSettings;

/** Entra under a name that only the proxy can resolve, behind a certificate that only the trust file vouches for. */
class WayOutTest {

    private static final String HOST = "login.cloud.invalid";
    private static final ObjectMapper JSON = new ObjectMapper();

    private Emulator emulator;
    private ConnectProxy proxy;
    private Path trusted;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        emulator = Emulator.start(EmulatorOptions.defaults().withCertificateHosts(List.of(HOST)));
        proxy = new ConnectProxy(URI.create(emulator.httpsBase()).getPort());
        trusted = Files.writeString(directory.resolve("ca.pem"), emulator.caPem());
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        emulator.close();
    }

    @Test
    void tokensComeThroughTheProxyAloneWithACertificateOfOurOwnAuthority() throws IOException {
        JsonNode token = token(http(false, Optional.of(proxy.uri()), Optional.of(trusted)), Map.of());

        assertThat(token.path("access_token").asText()).isNotEmpty();
        assertThat(proxy.targets).containsExactly(HOST + ":443");
    }

    @Test
    void withoutTheProxyOrWithoutTheTrustFileNothingComes() {
        assertThat(ask(http(false, Optional.empty(), Optional.of(trusted)), Map.of()))
                .isEmpty();
        assertThat(proxy.targets).isEmpty();

        assertThat(ask(http(false, Optional.of(proxy.uri()), Optional.empty()), Map.of()))
                .isEmpty();
        assertThat(proxy.targets).containsExactly(HOST + ":443");
    }

    @Test
    void whoSaysCp1GetsTokensThatHandleChallengesAndLiveForADay() throws IOException {
        JsonNode quiet = token(http(false, Optional.of(proxy.uri()), Optional.of(trusted)), Map.of());
        JsonNode able = token(
                http(true, Optional.of(proxy.uri()), Optional.of(trusted)),
                Map.of("claims", "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1726258122\"}}}"));

        assertThat(claims(quiet).has("xms_cc")).isFalse();
        assertThat(claims(able).path("xms_cc").toString()).isEqualTo("[\"CP1\"]");
        assertThat(able.path("expires_in").asInt())
                .isGreaterThan(10 * quiet.path("expires_in").asInt());
    }

    private static JsonNode token(EntraHttp http, Map<String, String> more) throws IOException {
        EntraHttp.Answer answer = ask(http, more).orElseThrow();
        assertThat(answer.status()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private static Optional<EntraHttp.Answer> ask(EntraHttp http, Map<String, String> more) {
        Map<String, String> form = new HashMap<>(more);
        form.put("grant_type", "client_credentials");
        form.put("client_id", Seed.CLIENT_ID);
        form.put("client_secret", Seed.CLIENT_SECRET);
        form.put("scope", "https://graph.microsoft.com/.default");
        URI endpoint = URI.create("https://" + HOST + "/" + Seed.TENANT_ID + "/oauth2/v2.0/token");
        return http.postForm(endpoint, form, Duration.ofSeconds(30));
    }

    private static JsonNode claims(JsonNode token) throws IOException {
        String payload = token.path("access_token").asText().split("\\.", -1)[1];
        return JSON.readTree(Base64.getUrlDecoder().decode(payload));
    }

    private static EntraHttp http(boolean cp1, Optional<URI> httpsProxy, Optional<Path> trustFile) {
        Outbound outbound = new Outbound(new Outside(httpsProxy, trustFile), Optional.empty());
        return new EntraHttp(new Settings(cp1), outbound, Clock.systemUTC());
    }

    private record Outside(Optional<URI> httpsProxy, Optional<Path> trustFile) implements OutboundSettings {}

    private record Settings(boolean cp1) implements EntraSettings {
        @Override
        public String authority() {
            return "https://" + HOST;
        }

        @Override
        public Duration connectTimeout() {
            return Duration.ofSeconds(20);
        }

        @Override
        public Duration timeout() {
            return Duration.ofSeconds(30);
        }
    }

    /** Knows one machine, under whatever name and port; tells whom it was asked for. */
    private static final class ConnectProxy implements AutoCloseable {

        private final List<String> targets = new CopyOnWriteArrayList<>();
        private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final int behind;

        ConnectProxy(int behind) throws IOException {
            this.behind = behind;
            threads.execute(this::accept);
        }

        URI uri() {
            return URI.create("http://localhost:" + door.getLocalPort());
        }

        private void accept() {
            try {
                while (true) {
                    Socket caller = door.accept();
                    threads.execute(() -> tunnel(caller));
                }
            } catch (IOException e) {
                // Closed: the test is over.
                return;
            }
        }

        private void tunnel(Socket caller) {
            try (caller;
                    Socket target = new Socket(InetAddress.getLoopbackAddress(), behind)) {
                InputStream in = caller.getInputStream();
                String head = head(in);
                targets.add(head.split(" ", -1)[1]);
                caller.getOutputStream()
                        .write("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                threads.execute(() -> pump(target, caller));
                in.transferTo(target.getOutputStream());
            } catch (IOException e) {
                // One of the two has hung up.
                return;
            }
        }

        /** Byte by byte, so that nothing of the TLS handshake is swallowed. */
        private static String head(InputStream in) throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            return head.toString();
        }

        private static void pump(Socket from, Socket to) {
            try {
                from.getInputStream().transferTo(to.getOutputStream());
            } catch (IOException e) {
                // One of the two has hung up.
                return;
            }
        }

        @Override
        public void close() throws IOException {
            door.close();
            threads.shutdownNow();
        }
    }
}
