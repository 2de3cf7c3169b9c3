package org.m365connector.sync.rich;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.RegistrationState;
import org.m365connector.outbound.Outbound;
import org.m365connector.outbound.OutboundSettings;

/** Every check of the tokens by itself: a token that is right but for one thing, signed with real keys that are read over HTTP. */
class ValidationTokensTest {
    private static final String PUBLISHER = "0bf30f3b-4a52-48df-9a82-234910c4a086";
    private static final String CLIENT = "11111111-aaaa-4aaa-8aaa-111111111111";
    private static final String TENANT = "22222222-bbbb-4bbb-8bbb-222222222222";
    private static final String SOMEBODY = "33333333-cccc-4ccc-8ccc-333333333333";
    private static final Instant NOW = Instant.parse("2025-03-01T12:00:00Z");
    private static final String V1 = "/common/discovery/keys";
    private static final String V2 = "/common/discovery/v2.0/keys";

    private static RsaJsonWebKey first;
    private static RsaJsonWebKey second;
    private static RsaJsonWebKey unpublished;

    private final Map<String, List<RsaJsonWebKey>> published = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer entra;
    private String authority;
    private ValidationTokens tokens;

    /** {@code m365.sync.rich} with its defaults, but for these. */
    private static RichConfig config(Map<String, String> others) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(RichConfig.class);
        others.forEach((name, value) -> builder.withDefaultValue("m365.sync.rich." + name, value));
        return builder.build().getConfigMapping(RichConfig.class);
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

    private record Clouds(Map<String, Cloud> byName) implements EntraConfig.Further {}

    private record China(String authority) implements EntraConfig.Further.Cloud {
        @Override
        public String graphBaseUrl() {
            return "https://microsoftgraph.chinacloudapi.cn";
        }
    }

    @BeforeAll
    static void makeKeys() throws JoseException {
        first = key("first");
        second = key("second");
        unpublished = key("unpublished");
    }

    private static RsaJsonWebKey key(String id) throws JoseException {
        RsaJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
        key.setKeyId(id);
        return key;
    }

    @BeforeEach
    void start() throws IOException {
        published.put(V1, List.of(first));
        published.put(V2, List.of(second));
        entra = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        entra.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            asked.add(path);
            byte[] body = published.get(path).stream()
                    .map(key -> key.toJson(OutputControlLevel.PUBLIC_ONLY))
                    .collect(Collectors.joining(",", "{\"keys\":[", "]}"))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        entra.start();
        authority = "http://localhost:" + entra.getAddress().getPort();
        tokens = tokens(Map.of());
    }

    @AfterEach
    void stop() {
        entra.stop(0);
    }

    private ValidationTokens tokens(Map<String, String> others) {
        RichConfig config = config(others);
        return new ValidationTokens(
                new SigningKeys(config, new Outbound(new Direct(), Optional.empty())),
                () -> authority,
                new Clouds(Map.of("china", new China(authority))),
                config,
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static RegistrationRecord registration(String cloud, String tenant, Optional<String> client) {
        return new RegistrationRecord(
                new PortalId("p"),
                new RegistrationName("Main"),
                1,
                cloud,
                "https://graph.microsoft.com",
                Optional.of(tenant),
                client,
                AccountTypes.BUSINESS,
                "upn",
                List.of(),
                new PortalUser("ADMIN"),
                RegistrationState.COMPLETE);
    }

    private static RegistrationRecord ours() {
        return registration("global", TENANT, Optional.of(CLIENT));
    }

    private boolean proves(String... all) {
        return tokens.prove(List.of(all), ours(), TENANT);
    }

    private JwtClaims claims(String version) {
        boolean v2 = version.equals("2.0");
        JwtClaims claims = new JwtClaims();
        claims.setAudience(CLIENT);
        claims.setIssuer(v2 ? authority + "/" + TENANT + "/v2.0" : "https://sts.windows.net/" + TENANT + "/");
        claims.setIssuedAt(at(Duration.ofHours(-1)));
        claims.setNotBefore(at(Duration.ofHours(-1)));
        claims.setExpirationTime(at(Duration.ofHours(8)));
        claims.setStringClaim("tid", TENANT);
        claims.setStringClaim(v2 ? "azp" : "appid", PUBLISHER);
        claims.setStringClaim("ver", version);
        return claims;
    }

    private static NumericDate at(Duration fromNow) {
        return NumericDate.fromMilliseconds(NOW.plus(fromNow).toEpochMilli());
    }

    private static JsonWebSignature unsigned(JwtClaims claims, RsaJsonWebKey key) {
        JsonWebSignature token = new JsonWebSignature();
        token.setPayload(claims.toJson());
        token.setKeyIdHeaderValue(key.getKeyId());
        token.setAlgorithmHeaderValue(AlgorithmIdentifiers.RSA_USING_SHA256);
        token.setKey(key.getPrivateKey());
        return token;
    }

    private static String signed(JwtClaims claims, RsaJsonWebKey key) throws JoseException {
        return unsigned(claims, key).getCompactSerialization();
    }

    private String token(String version, Consumer<JwtClaims> change) throws JoseException {
        JwtClaims claims = claims(version);
        change.accept(claims);
        return signed(claims, version.equals("2.0") ? second : first);
    }

    private String good(String version) throws JoseException {
        return token(version, claims -> {});
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "2.0"})
    void tokenOfEitherShapeProvesTheSenderWithTheKeysOfItsOwnDocument(String version) throws JoseException {
        assertThat(proves(good(version))).isTrue();
        assertThat(asked).containsExactly(version.equals("2.0") ? V2 : V1);
        assertThat(proves(signed(claims(version), version.equals("2.0") ? first : second)))
                .isFalse();
    }

    @Test
    void oneGoodTokenAmongThoseOfOthersIsEnoughAndNoneIsNot() throws JoseException {
        String others = token("1.0", claims -> claims.setAudience(SOMEBODY));
        assertThat(proves(others, good("1.0"))).isTrue();
        assertThat(proves(others)).isFalse();
        assertThat(proves()).isFalse();
        assertThat(proves("", "x", "a.b.c", "eyJhbGciOiJSUzI1NiJ9.e30.AAAA")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "2.0"})
    void audienceMustBeOurApp(String version) throws JoseException {
        assertThat(proves(token(version, claims -> claims.setAudience(SOMEBODY))))
                .isFalse();
        assertThat(proves(token(version, claims -> claims.unsetClaim("aud")))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "2.0"})
    void issuerMustBeThatOfTheTenantInTheShapeOfTheVersion(String version) throws JoseException {
        for (String wrong : List.of(
                "https://login.example/" + TENANT + "/v2.0",
                "https://sts.windows.net/" + SOMEBODY + "/",
                authority + "/" + SOMEBODY + "/v2.0",
                version.equals("2.0") ? "https://sts.windows.net/" + TENANT + "/" : authority + "/" + TENANT + "/v2.0",
                "")) {
            assertThat(proves(token(version, claims -> claims.setIssuer(wrong))))
                    .as(wrong)
                    .isFalse();
        }
        assertThat(proves(token(version, claims -> claims.unsetClaim("iss")))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "2.0"})
    void tenantMustBeThatOfTheNotificationAndOfTheRegistration(String version) throws JoseException {
        String elsewhere = token(version, claims -> {
            claims.setStringClaim("tid", SOMEBODY);
            claims.setIssuer(
                    version.equals("2.0")
                            ? authority + "/" + SOMEBODY + "/v2.0"
                            : "https://sts.windows.net/" + SOMEBODY + "/");
        });
        assertThat(proves(elsewhere)).isFalse();
        assertThat(proves(token(version, claims -> claims.unsetClaim("tid")))).isFalse();
        assertThat(tokens.prove(List.of(elsewhere), ours(), SOMEBODY)).isFalse();
        assertThat(tokens.prove(List.of(good(version)), registration("global", SOMEBODY, Optional.of(CLIENT)), TENANT))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "2.0"})
    void publisherMustBeGraphsInTheClaimOfTheVersion(String version) throws JoseException {
        String claim = version.equals("2.0") ? "azp" : "appid";
        String other = version.equals("2.0") ? "appid" : "azp";
        assertThat(proves(token(version, claims -> claims.setStringClaim(claim, SOMEBODY))))
                .isFalse();
        assertThat(proves(token(version, claims -> {
                    claims.unsetClaim(claim);
                    claims.setStringClaim(other, PUBLISHER);
                })))
                .isFalse();
    }

    @Test
    void publishersOfSovereignCloudsAreConfigured() throws JoseException {
        assertThat(config(Map.of()).publishers()).containsExactly(PUBLISHER);
        String theirs = token("2.0", claims -> claims.setStringClaim("azp", SOMEBODY));
        tokens = tokens(Map.of("publishers", PUBLISHER + "," + SOMEBODY.toUpperCase(Locale.ROOT)));
        assertThat(proves(theirs)).isTrue();
        assertThat(proves(good("1.0"))).isTrue();
        tokens = tokens(Map.of("publishers", SOMEBODY));
        assertThat(proves(good("1.0"))).isFalse();
    }

    @Test
    void itMustBeGoodNowGiveOrTakeFiveMinutes() throws JoseException {
        assertThat(proves(token("1.0", claims -> claims.setExpirationTime(at(Duration.ofMinutes(-6))))))
                .isFalse();
        assertThat(proves(token("1.0", claims -> claims.setExpirationTime(at(Duration.ofMinutes(-4))))))
                .isTrue();
        assertThat(proves(token("1.0", claims -> claims.unsetClaim("exp")))).isFalse();
        assertThat(proves(token("1.0", claims -> claims.setNotBefore(at(Duration.ofMinutes(6))))))
                .isFalse();
        assertThat(proves(token("1.0", claims -> claims.setNotBefore(at(Duration.ofMinutes(4))))))
                .isTrue();
    }

    @Test
    void signatureMustBeRs256WithAPublishedKey() throws JoseException {
        for (String algorithm : List.of(
                AlgorithmIdentifiers.RSA_USING_SHA384,
                AlgorithmIdentifiers.RSA_USING_SHA512,
                AlgorithmIdentifiers.RSA_PSS_USING_SHA256)) {
            JsonWebSignature other = unsigned(claims("1.0"), first);
            other.setAlgorithmHeaderValue(algorithm);
            assertThat(proves(other.getCompactSerialization())).as(algorithm).isFalse();
        }

        JsonWebSignature none = unsigned(claims("1.0"), first);
        none.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
        none.setAlgorithmHeaderValue(AlgorithmIdentifiers.NONE);
        none.setKey(null);
        assertThat(proves(none.getCompactSerialization())).as("none").isFalse();

        JsonWebSignature symmetric = unsigned(claims("1.0"), first);
        symmetric.setAlgorithmHeaderValue(AlgorithmIdentifiers.HMAC_SHA256);
        symmetric.setKey(new HmacKey(first.getPublicKey().getEncoded()));
        assertThat(proves(symmetric.getCompactSerialization())).as("HS256").isFalse();

        JsonWebSignature underAName = unsigned(claims("1.0"), unpublished);
        underAName.setKeyIdHeaderValue(first.getKeyId());
        assertThat(proves(underAName.getCompactSerialization()))
                .as("somebody else's key")
                .isFalse();

        String good = good("1.0");
        String[] parts = good.split("\\.", -1);
        String[] of = token("1.0", claims -> claims.setStringClaim("x", "y")).split("\\.", -1);
        assertThat(proves(parts[0] + "." + of[1] + "." + parts[2]))
                .as("other claims under the signature")
                .isFalse();
        assertThat(proves(good)).isTrue();
    }

    @Test
    void keysThatNobodyKnowsMakeUsReadThePublishedOnesOnceInFiveMinutesOnly() throws JoseException {
        assertThat(config(Map.of()).signingKeysPause()).isEqualTo(Duration.ofMinutes(5));
        for (int i = 0; i < 20; i++) {
            assertThat(proves(signed(claims("1.0"), unpublished))).isFalse();
        }
        assertThat(proves(good("1.0"))).isTrue();
        assertThat(asked).hasSize(1);
    }

    @Test
    void keyThatEntraHasRolledIsReadWhenThePauseIsOver() throws JoseException {
        tokens = tokens(Map.of("signing-keys-pause", "PT0.5S"));
        assertThat(proves(good("1.0"))).isTrue();
        published.put(V1, List.of(second, first));
        String rolled = signed(claims("1.0"), second);

        await().atMost(Duration.ofSeconds(30)).until(() -> proves(rolled));

        assertThat(proves(rolled) && proves(good("1.0"))).isTrue();
        assertThat(asked).hasSize(2);
    }

    @Test
    void cloudDecidesWhoseKeysCount() throws JoseException {
        List<String> good = List.of(good("2.0"));
        assertThat(tokens.prove(good, registration("china", TENANT, Optional.of(CLIENT)), TENANT))
                .isTrue();
        assertThat(tokens.prove(good, registration("nowhere", TENANT, Optional.of(CLIENT)), TENANT))
                .isFalse();
        assertThat(tokens.prove(good, registration("global", TENANT, Optional.empty()), TENANT))
                .isFalse();
    }
}
