package org.m365connector.auth.entra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.events.AccountType;
import org.m365connector.events.AccountTypes;
import org.m365connector.outbound.Outbound;
import org.m365connector.outbound.OutboundSettings;

class IdTokensTest {

    private static final String TENANT = "7e0ad5c1-2f4a-4c1b-9a52-3f0c8d5e1a01";
    private static final String CLIENT = "c0ffee00-1111-4222-8333-444455556666";
    private static final Optional<String> NONCE = Optional.of("the-nonce");

    private HttpServer authority;
    private String base;
    private RsaJsonWebKey key;
    private volatile List<RsaJsonWebKey> published;
    private final AtomicInteger asked = new AtomicInteger();
    private IdTokens idTokens;

    @BeforeEach
    void start() throws IOException, JoseException {
        key = RsaJwkGenerator.generateJwk(2048);
        key.setKeyId("key-1");
        published = List.of(key);
        authority = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        authority.createContext("/", exchange -> {
            asked.incrementAndGet();
            byte[] body = published.stream()
                    .map(each -> each.toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY))
                    .collect(Collectors.joining(",", "{\"keys\":[", "]}"))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        authority.start();
        base = "http://localhost:" + authority.getAddress().getPort();
        idTokens = new IdTokens(http(), Clock.systemUTC());
    }

    private static EntraHttp http() {
        return new EntraHttp(new Settings(), new Outbound(new Direct(), Optional.empty()), Clock.systemUTC());
    }

    @AfterEach
    void stop() {
        authority.stop(0);
    }

    @Test
    void keysThatCannotBeReadAreNoForgery() throws JoseException {
        EntraApp app = app(AccountTypes.BUSINESS);
        String token = signed(claims());
        authority.stop(0);

        assertThat(idTokens.hasKeys(app)).isFalse();
        assertThatThrownBy(() -> idTokens.verify(app, token, NONCE)).isInstanceOf(KeysUnavailable.class);
    }

    @Test
    void aKeyThatEntraHasRolledIsAcceptedAndAskedForOnce() throws JoseException {
        EntraApp app = app(AccountTypes.BUSINESS);
        var time = new AtomicReference<>(Duration.ZERO);
        idTokens = new IdTokens(http(), new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return Instant.now().plus(time.get());
            }
        });
        idTokens.verify(app, signed(claims()), NONCE);
        RsaJsonWebKey old = key;
        key = RsaJwkGenerator.generateJwk(2048);
        key.setKeyId("key-2");
        published = List.of(old, key);
        String rolled = signed(claims());

        // A made-up key id must not make us ask Entra with every login; a new one is found all the same.
        assertThatThrownBy(() -> idTokens.verify(app, rolled, NONCE)).isInstanceOf(IdTokenRefused.class);
        assertThat(asked).hasValue(1);
        time.set(Duration.ofMinutes(6));
        assertThat(idTokens.verify(app, rolled, NONCE).oid()).isEqualTo("ada-oid");
        assertThat(idTokens.verify(app, rolled, NONCE).oid()).isEqualTo("ada-oid");
        assertThat(asked).hasValue(2);
    }

    @Test
    void whoSignedInIsTold() throws JoseException {
        Identity identity = idTokens.verify(app(AccountTypes.BUSINESS), signed(claims()), NONCE);

        assertThat(identity)
                .isEqualTo(new Identity(TENANT, "ada-oid", "Ada@contoso.example", Optional.empty(), AccountType.WORK));
        assertThat(identity.isNamed("ada@CONTOSO.example")).isTrue();
        assertThat(identity.isNamed("ben@contoso.example")).isFalse();
    }

    @Test
    void anotherAudienceIssuerNonceTenantOrTimeIsRefused() throws JoseException {
        JwtClaims otherAudience = claims();
        otherAudience.setAudience("another-client");
        JwtClaims otherIssuer = claims();
        otherIssuer.setIssuer("https://evil.example/" + TENANT + "/v2.0");
        JwtClaims otherNonce = claims();
        otherNonce.setStringClaim("nonce", "another");
        JwtClaims noNonce = claims();
        noNonce.unsetClaim("nonce");
        JwtClaims otherTenant = claims();
        otherTenant.setStringClaim("tid", "11111111-1111-4111-8111-111111111111");
        otherTenant.setIssuer(base + "/11111111-1111-4111-8111-111111111111/v2.0");
        JwtClaims expired = claims();
        expired.setExpirationTime(NumericDate.fromSeconds(NumericDate.now().getValue() - 3600));
        JwtClaims noOid = claims();
        noOid.unsetClaim("oid");

        for (JwtClaims wrong : List.of(otherAudience, otherIssuer, otherNonce, noNonce, otherTenant, expired, noOid)) {
            String token = signed(wrong);
            assertThatThrownBy(() -> idTokens.verify(app(AccountTypes.BUSINESS), token, NONCE))
                    .isInstanceOf(IdTokenRefused.class)
                    .hasMessageNotContaining(token);
        }
    }

    @Test
    void clocksMayDifferByFiveMinutesAndNoMore() throws JoseException {
        EntraApp app = app(AccountTypes.BUSINESS);

        for (Duration bit : List.of(Duration.ofMinutes(4), Duration.ofMinutes(-4))) {
            assertThat(idTokens.verify(app, signed(endedAgo(bit)), NONCE).oid()).isEqualTo("ada-oid");
            assertThat(idTokens.verify(app, signed(beginningIn(bit)), NONCE).oid())
                    .isEqualTo("ada-oid");
        }
        String ended = signed(endedAgo(Duration.ofMinutes(6)));
        String notBegun = signed(beginningIn(Duration.ofMinutes(6)));
        for (String token : List.of(ended, notBegun)) {
            assertThatThrownBy(() -> idTokens.verify(app, token, NONCE)).isInstanceOf(IdTokenRefused.class);
        }
    }

    private JwtClaims endedAgo(Duration time) {
        JwtClaims claims = claims();
        claims.setIssuedAt(in(Duration.ofHours(-1)));
        claims.setExpirationTime(in(time.negated()));
        return claims;
    }

    private JwtClaims beginningIn(Duration time) {
        JwtClaims claims = claims();
        claims.setNotBefore(in(time));
        return claims;
    }

    private static NumericDate in(Duration time) {
        return NumericDate.fromSeconds(NumericDate.now().getValue() + time.toSeconds());
    }

    @Test
    void aTokenWithoutSignatureOrSignedByAnotherKeyIsRefused() throws JoseException {
        JsonWebSignature none = new JsonWebSignature();
        none.setAlgorithmConstraints(org.jose4j.jwa.AlgorithmConstraints.NO_CONSTRAINTS);
        none.setAlgorithmHeaderValue(AlgorithmIdentifiers.NONE);
        none.setPayload(claims().toJson());
        JsonWebSignature symmetric = new JsonWebSignature();
        symmetric.setAlgorithmHeaderValue(AlgorithmIdentifiers.HMAC_SHA256);
        symmetric.setKeyIdHeaderValue("key-1");
        symmetric.setKey(new HmacKey(key.getRsaPublicKey().getEncoded()));
        symmetric.setPayload(claims().toJson());
        RsaJsonWebKey stranger = RsaJwkGenerator.generateJwk(2048);
        stranger.setKeyId("key-1");
        RsaJsonWebKey unknown = RsaJwkGenerator.generateJwk(2048);
        unknown.setKeyId("key-2");

        for (String token : List.of(
                none.getCompactSerialization(),
                symmetric.getCompactSerialization(),
                signed(claims(), stranger),
                signed(claims(), unknown),
                "not.a.token")) {
            assertThatThrownBy(() -> idTokens.verify(app(AccountTypes.BUSINESS), token, NONCE))
                    .isInstanceOf(IdTokenRefused.class);
        }
    }

    @Test
    void personalAccountsComeInOnlyWhereTheyAreLetIn() throws JoseException {
        JwtClaims personal = claims();
        personal.setStringClaim("tid", IdTokens.PERSONAL_TENANT);
        personal.setIssuer(base + "/" + IdTokens.PERSONAL_TENANT + "/v2.0");
        String token = signed(personal);

        assertThat(idTokens.verify(app(AccountTypes.BOTH), token, NONCE).type()).isEqualTo(AccountType.PERSONAL);
        assertThat(idTokens.verify(app(AccountTypes.PERSONAL), token, NONCE).type())
                .isEqualTo(AccountType.PERSONAL);
        assertThatThrownBy(() -> idTokens.verify(app(AccountTypes.BUSINESS), token, NONCE))
                .isInstanceOf(IdTokenRefused.class);
        String work = signed(claims());
        assertThatThrownBy(() -> idTokens.verify(app(AccountTypes.PERSONAL), work, NONCE))
                .isInstanceOf(IdTokenRefused.class);
    }

    private EntraApp app(AccountTypes types) {
        return new EntraApp(base, TENANT, CLIENT, types, "https://graph.microsoft.com", List.of());
    }

    private JwtClaims claims() {
        var claims = new JwtClaims();
        claims.setIssuer(base + "/" + TENANT + "/v2.0");
        claims.setAudience(CLIENT);
        claims.setExpirationTimeMinutesInTheFuture(60);
        claims.setIssuedAtToNow();
        claims.setStringClaim("tid", TENANT);
        claims.setStringClaim("oid", "ada-oid");
        claims.setStringClaim("nonce", "the-nonce");
        claims.setStringClaim("preferred_username", "Ada@contoso.example");
        return claims;
    }

    private String signed(JwtClaims claims) throws JoseException {
        return signed(claims, key);
    }

    private static String signed(JwtClaims claims, RsaJsonWebKey with) throws JoseException {
        var signature = new JsonWebSignature();
        signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.RSA_USING_SHA256);
        signature.setKeyIdHeaderValue(with.getKeyId());
        signature.setKey(with.getPrivateKey());
        signature.setPayload(claims.toJson());
        return signature.getCompactSerialization();
    }

    private static final class Settings implements EntraSettings {
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

    private static final class Direct implements OutboundSettings {
        @Override
        public Optional<URI> httpsProxy() {
            return Optional.empty();
        }

        @Override
        public Optional<Path> trustFile() {
            return Optional.empty();
        }
    }
}
