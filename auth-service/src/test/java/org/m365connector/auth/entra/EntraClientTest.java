package org.m365connector.auth.entra;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.m365connector.events.AccountTypes;
import org.m365connector.outbound.Outbound;
import org.m365connector.outbound.OutboundSettings;

/** The order of credentials, against a token endpoint that accepts what it is told to accept. */
class EntraClientTest {

    private static final ClientSecret FIRST = new ClientSecret("first", "one");
    private static final ClientSecret SECOND = new ClientSecret("second", "two");
    private static final Duration PAUSE = Duration.ofMinutes(5);
    private static final Duration RETRY = Duration.ofSeconds(30);

    @TempDir
    Path tokens;

    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final Map<String, Integer> refusals = new HashMap<>();
    private final List<String> told = new ArrayList<>();
    private final MovedClock clock = new MovedClock();
    private HttpServer endpoint;
    private EntraClient entra;
    private boolean witnessFails;
    private Happening meanwhile = () -> {};

    @BeforeEach
    void start() throws IOException {
        endpoint = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        endpoint.createContext("/", this::answer);
        endpoint.start();
        entra = new EntraClient(
                new Settings(),
                new Pauses(Optional.of(tokens)),
                new EntraHttp(new Settings(), new Outbound(new Direct(), Optional.empty()), clock),
                new Witness(),
                new SimpleMeterRegistry(),
                clock);
    }

    @AfterEach
    void stop() {
        endpoint.stop(0);
    }

    @Test
    void theNextIsUsedAtOnceAndTheDeadOneIsLeftAsideForAWhile() {
        refusals.put("one", 7000222);

        assertThat(ask(FIRST, SECOND)).isInstanceOf(Grant.Granted.class);
        assertThat(seen).containsExactly("one", "two");
        ask(FIRST, SECOND);
        clock.move(PAUSE.minusSeconds(1));
        ask(FIRST, SECOND);
        assertThat(seen).containsExactly("one", "two", "two", "two");

        clock.move(Duration.ofSeconds(2));
        ask(FIRST, SECOND);
        assertThat(seen).endsWith("one", "two").hasSize(6);
        assertThat(told).containsExactly("first refused", "second accepted");
    }

    @Test
    void whereAllAreRefusedEntraIsNotHammeredAndAllAreTriedAgainSoon() {
        refusals.put("one", 7000222);
        refusals.put("two", 7000215);

        assertThat(code(ask(FIRST, SECOND))).isEqualTo("invalid_client AADSTS7000215");
        assertThat(code(ask(FIRST, SECOND))).startsWith("invalid_client AADSTS70002");
        assertThat(seen).containsExactly("one", "two");

        refusals.clear();
        clock.move(RETRY);
        assertThat(ask(FIRST, SECOND)).isInstanceOf(Grant.Granted.class);
        assertThat(seen).containsExactly("one", "two", "one");
        assertThat(told).endsWith("first accepted");
    }

    @Test
    void theOneLeftAsideIsTriedLastWhereTheOtherDiesToo() {
        refusals.put("one", 7000222);
        ask(FIRST, SECOND);
        refusals.clear();
        refusals.put("two", 7000222);
        clock.move(RETRY);

        assertThat(ask(FIRST, SECOND)).isInstanceOf(Grant.Granted.class);
        assertThat(seen).containsExactly("one", "two", "two", "one");
    }

    @Test
    void anotherAppIsNotBlamedForTheCredentialsOfTheOldOne() {
        refusals.put("one", 7000215);
        ask(FIRST);
        refusals.clear();

        assertThat(entra.clientCredentials(app("another-client", List.of(FIRST))))
                .isInstanceOf(Grant.Granted.class);
    }

    @Test
    void whoWantsToKnowIsAnsweredByEntraAtOnce() {
        refusals.put("one", 7000222);
        ask(FIRST, SECOND);
        refusals.clear();

        assertThat(entra.clientCredentials(app("client", List.of(FIRST, SECOND)), "first"))
                .isInstanceOf(Grant.Granted.class);
        assertThat(told).endsWith("first accepted");
    }

    @Test
    void aProofThatIsOutOfItsTimeIsMadeAnewOnceThenTheNextCredentialIsTried() throws IOException {
        Path file = Files.writeString(tokens.resolve("token"), "old.token.x");
        FederatedToken federated =
                new FederatedToken("federated", file.toString(), new TokenFiles(Optional.of(tokens)));
        refusals.put("old.token.x", 700024);

        assertThat(ask(federated, SECOND)).isInstanceOf(Grant.Granted.class);
        assertThat(seen).containsExactly("old.token.x", "old.token.x", "two");
        assertThat(told).contains("federated refused");
    }

    @Test
    void aTokenThatWasReplacedMeanwhileIsReadAnewBeforeTheNextCredentialIsTried() throws IOException {
        Path file = Files.writeString(tokens.resolve("token"), "old.token.x");
        FederatedToken federated =
                new FederatedToken("federated", file.toString(), new TokenFiles(Optional.of(tokens)));
        refusals.put("old.token.x", 700024);
        meanwhile = () -> Files.writeString(file, "new.token.x");

        assertThat(ask(federated, SECOND)).isInstanceOf(Grant.Granted.class);
        assertThat(seen).containsExactly("old.token.x", "new.token.x");
        assertThat(told).containsExactly("federated accepted");
    }

    @Test
    void aFileThatIsMissingIsNamedAndCostsEntraNothingAndIsUsedAsSoonAsItIsThere() throws IOException {
        Path file = tokens.resolve("token");
        FederatedToken federated =
                new FederatedToken("federated", file.toString(), new TokenFiles(Optional.of(tokens)));

        assertThat(code(ask(federated))).isEqualTo("invalid_client token-file-missing");
        assertThat(((Grant.Refused) ask(federated)).error().failure()).isEqualTo(new EntraFailure.Configuration(true));
        assertThat(seen).isEmpty();
        assertThat(ask(federated, SECOND)).isInstanceOf(Grant.Granted.class);
        assertThat(seen).containsExactly("two");

        Files.writeString(file, "new.token.x");
        assertThat(ask(federated, SECOND)).isInstanceOf(Grant.Granted.class);
        assertThat(seen).containsExactly("two", "new.token.x");
        assertThat(told).containsExactly("federated refused", "second accepted", "federated accepted");
    }

    @Test
    void whatCannotBeToldLosesNoTokenAndIsToldAtTheNextChance() {
        witnessFails = true;
        assertThat(ask(FIRST)).isInstanceOf(Grant.Granted.class);
        witnessFails = false;

        ask(FIRST);
        ask(FIRST);

        assertThat(told).containsExactly("first accepted");
    }

    @Test
    void whatWasToldIsToldAgainAfterAnHour() {
        ask(FIRST);
        clock.move(Duration.ofMinutes(59));
        ask(FIRST);
        clock.move(Duration.ofMinutes(1));
        ask(FIRST);

        assertThat(told).containsExactly("first accepted", "first accepted");
    }

    private Grant ask(ClientCredential... credentials) {
        return entra.clientCredentials(app("client", List.of(credentials)));
    }

    private EntraApp app(String client, List<ClientCredential> credentials) {
        String base = "http://localhost:" + endpoint.getAddress().getPort();
        return new EntraApp(base, "tenant", client, AccountTypes.BUSINESS, "https://graph.example", credentials);
    }

    private static String code(Grant grant) {
        return ((Grant.Refused) grant).error().code();
    }

    private void answer(HttpExchange exchange) throws IOException {
        Map<String, String> form = new HashMap<>();
        for (String field :
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8).split("&", -1)) {
            String[] pair = field.split("=", 2);
            form.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
        }
        String proof = form.getOrDefault("client_secret", form.get("client_assertion"));
        seen.add(proof);
        meanwhile.happens();
        Integer number = refusals.get(proof);
        byte[] body = (number == null
                        ? "{\"access_token\":\"at\",\"expires_in\":3600}"
                        : "{\"error\":\"invalid_client\",\"error_codes\":[" + number + "]}")
                .getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(number == null ? 200 : 401, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private interface Happening {
        void happens() throws IOException;
    }

    private final class Witness implements CredentialWitness {

        @Override
        public void accepted(String credentialId) {
            tell(credentialId + " accepted");
        }

        @Override
        public void refused(String credentialId) {
            tell(credentialId + " refused");
        }

        private void tell(String what) {
            if (witnessFails) {
                throw new IllegalStateException("the database is away");
            }
            told.add(what);
        }
    }

    private static final class MovedClock extends Clock {

        private Instant now = Instant.parse("2026-11-28T12:00:00Z");

        void move(Duration by) {
            now = now.plus(by);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private record Pauses(Optional<Path> tokenDirectory) implements CredentialSettings {
        @Override
        public Duration pause() {
            return PAUSE;
        }

        @Override
        public Duration retry() {
            return RETRY;
        }
    }

    private record Direct() implements OutboundSettings {
        @Override
        public Optional<URI> httpsProxy() {
            return Optional.empty();
        }

        @Override
        public Optional<Path> trustFile() {
            return Optional.empty();
        }
    }

    private record Settings() implements EntraSettings {
        @Override
        public String authority() {
            return "http://localhost";
        }

        @Override
        public Duration connectTimeout() {
            return Duration.ofSeconds(20);
        }

        @Override
        public Duration timeout() {
            return Duration.ofSeconds(30);
        }

        @Override
        public boolean cp1() {
            return false;
        }
    }
}
