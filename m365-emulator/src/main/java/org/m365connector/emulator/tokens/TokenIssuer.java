package org.m365connector.emulator.tokens;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.m365connector.emulator.Limits;
import org.m365connector.emulator.directory.AppRegistration;
import org.m365connector.emulator.directory.Tenant;
import org.m365connector.emulator.directory.UserAccount;

/**
 * Signs tokens as Entra ID does: access tokens for Graph in the v1 shape, ID tokens in v2.
 *
 * <p>An access token is none of the client's business. Like real Graph tokens it carries a {@code nonce} in its header, and the
 * signature was made over the hash of that nonce, so verifying it with the published keys fails; tokens of personal
 * accounts are not even JWTs.
 */
public final class TokenIssuer {

    static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();
    static final ObjectMapper JSON = new ObjectMapper();
    private static final SecureRandom RANDOM = new SecureRandom();

    /** As Microsoft's sample of one has it. */
    private static final Duration VALIDATION_TOKEN_LIFE = Duration.ofMinutes(485);

    /** Making an RSA key takes a tenth of a second, so all emulators of a JVM share one. */
    private static final class Shared {
        static final SigningKey KEY = SigningKey.create();
    }

    private final Clock clock;
    private final Limits limits;
    private SigningKey key = Shared.KEY;
    /** Former keys, the oldest first. */
    private final List<Retired> retired = new ArrayList<>();

    private final Map<String, AccessToken> opaque = new HashMap<>();
    /** The exact moment of issue of tokens that can be revoked; {@code iat} has seconds only. */
    private final Map<String, Instant> exactly = new HashMap<>();

    public TokenIssuer(Clock clock, Limits limits) {
        this.clock = clock;
        this.limits = limits;
    }

    /** A key that signs no more, and until when it is published. */
    private record Retired(SigningKey key, Instant until) {}

    /** An issued access token as it goes over the wire. */
    public record Issued(String bearer, AccessToken token) {

        public Duration life() {
            return Duration.between(token.issuedAt(), token.expiresAt());
        }

        @Override
        public String toString() {
            return "Issued[" + token.id() + "]";
        }
    }

    /** Life of an access token issued now: random within the limits. */
    public Duration accessTokenLife(boolean handlesClaimsChallenges) {
        return limits.between(handlesClaimsChallenges ? "entra.accessTokenCaeSeconds" : "entra.accessTokenSeconds");
    }

    /** A delegated access token. */
    public Issued forUser(
            String audience,
            AppRegistration app,
            boolean clientAuthenticated,
            UserAccount user,
            Set<String> scopes,
            boolean mfa,
            boolean handlesClaimsChallenges) {
        return forUser(audience, app, clientAuthenticated, user, scopes, mfa, handlesClaimsChallenges, Set.of());
    }

    /** A delegated access token that satisfies authentication contexts. */
    public Issued forUser(
            String audience,
            AppRegistration app,
            boolean clientAuthenticated,
            UserAccount user,
            Set<String> scopes,
            boolean mfa,
            boolean handlesClaimsChallenges,
            Set<String> contexts) {
        Instant now = now();
        AccessToken token = new AccessToken(
                randomText(16),
                audience,
                user.tenant().id(),
                Optional.of(user.oid()),
                Optional.of(user.upn()),
                app.clientId(),
                scopes,
                Set.of(),
                user.personal(),
                contexts,
                handlesClaimsChallenges,
                now,
                now.plus(accessTokenLife(handlesClaimsChallenges)));
        ObjectNode claims = common(token);
        claims.put("acr", "1");
        claims.putArray("amr").add("pwd");
        if (mfa) {
            claims.withArray("amr").add("mfa");
        }
        claims.put("appidacr", clientAuthenticated ? "1" : "0");
        claims.put("app_displayname", app.displayName());
        claims.put("family_name", user.surname()).put("given_name", user.givenName());
        claims.put("idtyp", "user").put("ipaddr", "127.0.0.1").put("name", user.displayName());
        claims.put("oid", user.oid());
        claims.put("scp", String.join(" ", new TreeSet<>(scopes)));
        claims.put("sub", pairwise(user.oid(), audience));
        claims.put("unique_name", user.upn()).put("upn", user.upn());
        return issue(token, claims);
    }

    /** An app-only access token. Without any granted role it is issued all the same. */
    public Issued forApp(
            String audience, AppRegistration app, Tenant tenant, Set<String> roles, boolean handlesClaimsChallenges) {
        Instant now = now();
        AccessToken token = new AccessToken(
                randomText(16),
                audience,
                tenant.id(),
                Optional.empty(),
                Optional.empty(),
                app.clientId(),
                Set.of(),
                roles,
                false,
                Set.of(),
                handlesClaimsChallenges,
                now,
                now.plus(accessTokenLife(handlesClaimsChallenges)));
        ObjectNode claims = common(token);
        claims.put("app_displayname", app.displayName()).put("appidacr", "1");
        claims.put("idp", "https://sts.windows.net/" + tenant.id() + "/").put("idtyp", "app");
        claims.put("oid", app.servicePrincipalId());
        if (!roles.isEmpty()) {
            new TreeSet<>(roles).forEach(claims.putArray("roles")::add);
        }
        claims.put("sub", app.servicePrincipalId());
        return issue(token, claims);
    }

    /**
     * An ID token.
     *
     * @param issuerBase scheme, host and port of the authority
     * @param scopes what was granted; {@code profile} and {@code email} add claims
     */
    public String idToken(
            String issuerBase,
            AppRegistration app,
            UserAccount user,
            Set<String> scopes,
            Optional<String> nonce,
            Instant signedInAt,
            String sessionId) {
        Instant now = now();
        ObjectNode claims = JsonNodeFactory.instance.objectNode();
        claims.put("aud", app.clientId());
        claims.put("iss", issuerBase + "/" + user.tenant().id() + "/v2.0");
        claims.put("iat", now.getEpochSecond()).put("nbf", now.getEpochSecond());
        claims.put("exp", now.plus(limits.seconds("entra.idTokenSeconds")).getEpochSecond());
        claims.put("auth_time", signedInAt.getEpochSecond());
        if (scopes.contains("email")) {
            claims.put("email", user.upn());
        }
        if (scopes.contains("profile")) {
            claims.put("name", user.displayName());
        }
        nonce.ifPresent(value -> claims.put("nonce", value));
        if (scopes.contains("profile")) {
            claims.put("oid", user.oid()).put("preferred_username", user.upn());
        }
        claims.put("rh", "0." + randomText(24) + ".").put("sid", sessionId);
        claims.put("sub", pairwise(user.oid(), app.clientId()));
        claims.put("tid", user.tenant().id()).put("uti", randomText(16)).put("ver", "2.0");
        ObjectNode header = JsonNodeFactory.instance.objectNode();
        header.put("typ", "JWT").put("alg", "RS256").put("kid", key.kid());
        String signed = encode(header) + "." + encode(claims);
        return signed + "." + key.sign(signed);
    }

    /**
     * The token by which Graph's change tracking proves itself to a subscriber, in the v1 or the v2 shape.
     *
     * @param publisher the app that sends the notifications
     * @param authority scheme, host and port that the v2 issuer begins with
     * @param flaw what is wrong with it
     */
    public String validationToken(
            String audience, String tenant, String publisher, boolean v2, String authority, TokenFlaw flaw) {
        Instant issued = now().plus(flaw.shift());
        String v1Issuer = "https://sts.windows.net/" + tenant + "/";
        String rightIssuer = v2 ? authority + "/" + tenant + "/v2.0" : v1Issuer;
        ObjectNode claims = JsonNodeFactory.instance.objectNode();
        claims.put("aud", audience)
                .put("iss", flaw == TokenFlaw.WRONG_ISSUER ? "https://login.example/" + tenant + "/v2.0" : rightIssuer);
        claims.put("iat", issued.getEpochSecond()).put("nbf", issued.getEpochSecond());
        claims.put("exp", issued.plus(VALIDATION_TOKEN_LIFE).getEpochSecond());
        claims.put("aio", randomText(24)).put(v2 ? "azp" : "appid", publisher);
        claims.put(v2 ? "azpacr" : "appidacr", "2").put("idp", v1Issuer);
        claims.put("tid", tenant).put("uti", randomText(16)).put("ver", v2 ? "2.0" : "1.0");
        SigningKey by = flaw == TokenFlaw.UNKNOWN_KEY ? SigningKey.create() : key;
        ObjectNode header =
                JsonNodeFactory.instance.objectNode().put("typ", "JWT").put("alg", flaw.algorithm());
        header.put("x5t", by.kid()).put("kid", by.kid());
        String signed = encode(header) + "." + encode(claims);
        return signed + "." + flaw.signature(by, signed);
    }

    /** From now on this key signs; what the former one has signed is good as long as that stays published. */
    public void roll(SigningKey next, Duration formerStaysPublished) {
        retired.add(new Retired(key, clock.instant().plus(formerStaysPublished)));
        key = next;
    }

    /** The first key again; what others have signed is good no more. */
    public void reset() {
        retired.clear();
        key = Shared.KEY;
    }

    /** The published keys; {@code issuer} is the v2 template that says for whom a key may be used. */
    public ObjectNode jwks(Optional<String> issuer) {
        ObjectNode keys = JsonNodeFactory.instance.objectNode();
        for (SigningKey published : published()) {
            ObjectNode jwk = published.jwk();
            issuer.ifPresent(value -> jwk.put("issuer", value));
            keys.withArray("keys").add(jwk);
        }
        return keys;
    }

    /** Random base64url text, as used for codes, refresh tokens and ids. */
    public static String randomText(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return BASE64URL.encodeToString(random);
    }

    /** The one that signs comes last, so that whoever takes the first is found out. */
    public List<SigningKey> published() {
        retired.removeIf(former -> !former.until().isAfter(clock.instant()));
        List<SigningKey> all = new ArrayList<>();
        retired.forEach(former -> all.add(former.key()));
        all.add(key);
        return all;
    }

    /** The published key of this id. */
    Optional<SigningKey> key(String kid) {
        return published().stream().filter(one -> one.kid().equals(kid)).findFirst();
    }

    Optional<AccessToken> opaque(String bearer) {
        return Optional.ofNullable(opaque.get(bearer));
    }

    Instant issuedAt(AccessToken token) {
        return exactly.getOrDefault(token.id(), token.issuedAt());
    }

    static String hashed(String nonce) {
        return BASE64URL.encodeToString(sha256(nonce));
    }

    private Instant now() {
        return Instant.ofEpochSecond(clock.instant().getEpochSecond());
    }

    private static ObjectNode common(AccessToken token) {
        ObjectNode claims = JsonNodeFactory.instance.objectNode();
        claims.put("aud", token.audience());
        claims.put("iss", "https://sts.windows.net/" + token.tid() + "/");
        claims.put("iat", token.issuedAt().getEpochSecond())
                .put("nbf", token.issuedAt().getEpochSecond())
                .put("exp", token.expiresAt().getEpochSecond());
        claims.put("aio", randomText(24)).put("appid", token.appId());
        claims.put("tid", token.tid()).put("uti", token.id()).put("ver", "1.0");
        if (!token.contexts().isEmpty()) {
            new TreeSet<>(token.contexts()).forEach(claims.putArray("acrs")::add);
        }
        if (token.handlesClaimsChallenges()) {
            claims.putArray("xms_cc").add("CP1");
        }
        return claims;
    }

    private Issued issue(AccessToken token, ObjectNode claims) {
        if (token.handlesClaimsChallenges()) {
            exactly.put(token.id(), clock.instant());
        }
        boolean unreadable =
                limits.flag("entra.assumed." + (token.personal() ? "personalTokensOpaque" : "graphTokensOpaque"));
        if (unreadable) {
            String bearer = "EwB" + randomText(900);
            opaque.put(bearer, token);
            return new Issued(bearer, token);
        }
        ObjectNode header = JsonNodeFactory.instance.objectNode().put("typ", "JWT");
        Optional<String> nonce =
                limits.flag("entra.assumed.graphTokenNonce") ? Optional.of(randomText(32)) : Optional.empty();
        String payload = encode(claims);
        String signed = encode(finish(header.deepCopy(), nonce.map(TokenIssuer::hashed))) + "." + payload;
        return new Issued(encode(finish(header, nonce)) + "." + payload + "." + key.sign(signed), token);
    }

    private ObjectNode finish(ObjectNode header, Optional<String> nonce) {
        nonce.ifPresent(value -> header.put("nonce", value));
        return header.put("alg", "RS256").put("x5t", key.kid()).put("kid", key.kid());
    }

    private static String pairwise(String subject, String to) {
        return BASE64URL.encodeToString(sha256(subject + "/" + to));
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static String encode(ObjectNode node) {
        try {
            return BASE64URL.encodeToString(JSON.writeValueAsBytes(node));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
