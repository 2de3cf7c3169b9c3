package org.m365connector.auth.entra;

import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwt.consumer.JwtContext;
import org.jose4j.lang.JoseException;
import org.m365connector.events.AccountType;
import org.m365connector.events.AccountTypes;

/**
 * Checks id tokens (OpenID Connect Core 3.1.3.7): RS256 with a key of the authority, our client as audience, the issuer of the
 * tenant that the token names, that tenant allowed, not expired, the nonce that we sent.
 */
@ApplicationScoped
public class IdTokens {

    /** Tenant of all personal Microsoft accounts. */
    static final String PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad";

    private static final int SKEW_SECONDS = 300;
    private static final Duration KEYS_LIVE = Duration.ofHours(24);
    /** An unknown key id makes us ask again, but not more often than this. */
    private static final Duration KEYS_AGAIN_AFTER = Duration.ofMinutes(5);

    private final EntraHttp http;
    private final Clock clock;
    private final Map<URI, Keys> keysOf = new ConcurrentHashMap<>();

    private record Keys(JsonWebKeySet set, Instant fetchedAt) {}

    IdTokens(EntraHttp http, Clock clock) {
        this.http = http;
        this.clock = clock;
    }

    /**
     * @param nonce what was sent to the authorize endpoint; empty for device code, which has none
     * @throws IdTokenRefused where anything is not as it has to be
     * @throws KeysUnavailable where that cannot be said, because Entra's keys cannot be read
     */
    public Identity verify(EntraApp app, String idToken, Optional<String> nonce) {
        JwtClaims claims = verifiedClaims(app, idToken);
        String tid = text(claims, "tid").orElseThrow(() -> new IdTokenRefused("no tid"));
        String oid = text(claims, "oid").orElseThrow(() -> new IdTokenRefused("no oid"));
        if (!text(claims, "iss").filter(app.issuerOf(tid)::equals).isPresent()) {
            throw new IdTokenRefused("not the issuer of its tenant");
        }
        AccountType type = tid.equals(PERSONAL_TENANT) ? AccountType.PERSONAL : AccountType.WORK;
        checkTenant(app, tid, type);
        if (nonce.isPresent() && !text(claims, "nonce").equals(nonce)) {
            throw new IdTokenRefused("another nonce");
        }
        Optional<String> upn = text(claims, "upn");
        String preferred = text(claims, "preferred_username")
                .or(() -> upn)
                .orElseThrow(() -> new IdTokenRefused("no preferred_username"));
        return new Identity(tid, oid, preferred, upn, type);
    }

    private static void checkTenant(EntraApp app, String tid, AccountType type) {
        boolean allowed =
                switch (type) {
                    case WORK -> app.accountTypes() != AccountTypes.PERSONAL && tid.equalsIgnoreCase(app.tenantId());
                    case PERSONAL -> app.accountTypes() != AccountTypes.BUSINESS;
                };
        if (!allowed) {
            throw new IdTokenRefused("a tenant that is not let in");
        }
    }

    private JwtClaims verifiedClaims(EntraApp app, String idToken) {
        try {
            JwtContext context = new JwtConsumerBuilder()
                    .setVerificationKeyResolver((signature, nesting) ->
                            key(app, signature.getKeyIdHeaderValue()).getKey())
                    .setJwsAlgorithmConstraints(
                            new AlgorithmConstraints(ConstraintType.PERMIT, AlgorithmIdentifiers.RSA_USING_SHA256))
                    .setExpectedAudience(true, app.clientId())
                    .setRequireExpirationTime()
                    .setAllowedClockSkewInSeconds(SKEW_SECONDS)
                    .setEvaluationTime(NumericDate.fromMilliseconds(clock.millis()))
                    .build()
                    .process(idToken);
            return context.getJwtClaims();
        } catch (InvalidJwtException e) {
            if (e.getCause() instanceof KeysUnavailable unavailable) {
                throw unavailable;
            }
            // Its message may hold the token.
            throw new IdTokenRefused("signature, audience or time: "
                    + e.getErrorDetails().stream()
                            .map(error -> error.getErrorCode())
                            .toList());
        }
    }

    /** Whether there are keys to verify a token with; asked before a code is used up that works once. */
    public boolean hasKeys(EntraApp app) {
        URI endpoint = app.keysEndpoint();
        return keysOf.containsKey(endpoint) || fetch(endpoint, clock.instant()).isPresent();
    }

    private JsonWebKey key(EntraApp app, String keyId) {
        URI endpoint = app.keysEndpoint();
        Keys known = keysOf.get(endpoint);
        Instant now = clock.instant();
        Optional<JsonWebKey> found = known == null ? Optional.empty() : find(known, keyId);
        boolean ask = known == null
                || known.fetchedAt().isBefore(now.minus(KEYS_LIVE))
                || (found.isEmpty() && known.fetchedAt().isBefore(now.minus(KEYS_AGAIN_AFTER)));
        if (ask) {
            Optional<Keys> fresh = fetch(endpoint, now);
            found = fresh.flatMap(keys -> find(keys, keyId)).or(() -> stillKnown(known, keyId));
            if (fresh.isEmpty() && found.isEmpty()) {
                throw new KeysUnavailable();
            }
        }
        return found.orElseThrow(() -> new IdTokenRefused("signed with an unknown key"));
    }

    /** What could not be read is not remembered: the next login asks again. */
    private Optional<Keys> fetch(URI endpoint, Instant now) {
        Optional<Keys> fresh = http.get(endpoint).flatMap(IdTokens::parse).map(set -> new Keys(set, now));
        fresh.ifPresent(keys -> keysOf.put(endpoint, keys));
        return fresh;
    }

    private static Optional<JsonWebKey> find(Keys keys, String keyId) {
        return keys.set().getJsonWebKeys().stream()
                .filter(key -> key.getKeyId() != null && key.getKeyId().equals(keyId))
                .findFirst();
    }

    private static Optional<JsonWebKey> stillKnown(Keys known, String keyId) {
        return known == null ? Optional.empty() : find(known, keyId);
    }

    private static Optional<JsonWebKeySet> parse(String body) {
        try {
            return Optional.of(new JsonWebKeySet(body));
        } catch (JoseException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> text(JwtClaims claims, String name) {
        try {
            return Optional.ofNullable(claims.getStringClaimValue(name)).filter(value -> !value.isEmpty());
        } catch (MalformedClaimException e) {
            return Optional.empty();
        }
    }
}
