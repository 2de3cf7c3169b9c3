package org.m365connector.emulator.entra;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.m365connector.emulator.directory.AppRegistration;
import org.m365connector.emulator.directory.FederatedCredential;

/**
 * Client assertions (RFC 7523, 2.2): signed with the key of a registered certificate, or by an identity provider that the app
 * trusts. Sources: Microsoft's pages "certificate credentials" and "workload identity federation". That an assertion of a
 * certificate may be used once only is what RFC 7523 allows and good clients do; a federated one is used until it expires.
 */
final class ClientAssertions {

    static final String TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SKEW = Duration.ofMinutes(5);
    private static final int SMALLEST_KEY = 2048;

    private final Clock clock;
    private final Map<String, Instant> used = new HashMap<>();

    ClientAssertions(Clock clock) {
        this.clock = clock;
    }

    void reset() {
        used.clear();
    }

    /** The three parts of a JWT; the signature as it came, in base64url. */
    private record Jwt(JsonNode header, JsonNode claims, String signed, String signature) {

        String algorithm() {
            return header.path("alg").asText();
        }

        String claim(String name) {
            return claims.path(name).asText();
        }

        boolean isFor(Set<String> audiences) {
            JsonNode aud = claims.path("aud");
            return aud.isArray()
                    ? aud.size() == 1 && audiences.contains(aud.path(0).asText())
                    : audiences.contains(aud.asText());
        }
    }

    /**
     * @param audiences what an assertion of the app's own has to be for, one of them
     * @param status what a refused client is answered with
     * @throws EntraFailure where the assertion proves nothing
     */
    void require(String assertion, AppRegistration app, Set<String> audiences, int status) {
        Jwt jwt = parse(assertion, status);
        boolean own = jwt.header().has("x5t") || jwt.header().has("x5t#S256");
        if (own) {
            requireOwn(jwt, app, audiences, status);
        } else {
            requireFederated(jwt, app, status);
        }
    }

    private void requireOwn(Jwt jwt, AppRegistration app, Set<String> audiences, int status) {
        X509Certificate certificate = app.certificates().stream()
                .filter(known -> isNamed(jwt.header(), known))
                .findFirst()
                .orElseThrow(() -> new EntraFailure(Aadsts.unknownCertificate(status)));
        if (clock.instant().isAfter(certificate.getNotAfter().toInstant())) {
            throw new EntraFailure(Aadsts.expiredCertificate(status));
        }
        if (!verifies(jwt, certificate.getPublicKey(), Set.of("PS256", "RS256"))) {
            throw new EntraFailure(Aadsts.assertionSignature(status));
        }
        boolean ofTheApp = jwt.claim("iss").equalsIgnoreCase(app.clientId())
                && jwt.claim("sub").equalsIgnoreCase(app.clientId());
        if (!ofTheApp) {
            throw new EntraFailure(Aadsts.assertionIssuer(status, app));
        }
        if (!jwt.isFor(audiences)) {
            throw new EntraFailure(Aadsts.assertionAudience(status));
        }
        requireTime(jwt, app, status);
        requireFirstUse(jwt, app, status);
    }

    private void requireFederated(Jwt jwt, AppRegistration app, int status) {
        List<FederatedCredential> issued = app.federatedCredentials().stream()
                .filter(credential -> credential.issuer().equals(jwt.claim("iss")))
                .toList();
        if (issued.isEmpty()) {
            throw new EntraFailure(Aadsts.noFederation(status, 700211, "issuer", jwt.claim("iss")));
        }
        List<FederatedCredential> subject = issued.stream()
                .filter(credential -> credential.subject().equals(jwt.claim("sub")))
                .toList();
        if (subject.isEmpty()) {
            throw new EntraFailure(Aadsts.noFederation(status, 700213, "subject", jwt.claim("sub")));
        }
        FederatedCredential credential = subject.stream()
                .filter(candidate -> jwt.isFor(Set.of(candidate.audience())))
                .findFirst()
                .orElseThrow(() -> new EntraFailure(Aadsts.noFederation(
                        status, 700212, "audience", jwt.claims().path("aud").toString())));
        boolean signed = key(credential, jwt.header().path("kid").asText())
                .filter(key -> verifies(jwt, key, Set.of("RS256")))
                .isPresent();
        if (!signed) {
            throw new EntraFailure(Aadsts.assertionSignature(status));
        }
        requireTime(jwt, app, status);
    }

    private void requireTime(Jwt jwt, AppRegistration app, int status) {
        Instant now = clock.instant();
        JsonNode exp = jwt.claims().path("exp");
        JsonNode nbf = jwt.claims().path("nbf");
        boolean within = exp.isNumber()
                && now.isBefore(Instant.ofEpochSecond(exp.asLong()).plus(SKEW))
                && (nbf.isMissingNode()
                        || !now.isBefore(Instant.ofEpochSecond(nbf.asLong()).minus(SKEW)));
        if (!within) {
            throw new EntraFailure(Aadsts.assertionTime(status, app));
        }
    }

    private void requireFirstUse(Jwt jwt, AppRegistration app, int status) {
        Instant now = clock.instant();
        used.values().removeIf(until -> until.isBefore(now));
        if (jwt.claim("jti").isEmpty()) {
            throw new EntraFailure(Aadsts.assertionInvalid(status, "The jti claim is missing."));
        }
        Instant until = Instant.ofEpochSecond(jwt.claims().path("exp").asLong()).plus(SKEW);
        if (used.putIfAbsent(app.clientId() + " " + jwt.claim("jti"), until) != null) {
            throw new EntraFailure(Aadsts.assertionInvalid(status, "The assertion has been used before."));
        }
    }

    /** Microsoft's own library for Java writes thumbprints in the alphabet of base64, others in that of base64url. */
    private static boolean isNamed(JsonNode header, X509Certificate certificate) {
        boolean sha256 = header.has("x5t#S256");
        String sent = header.path(sha256 ? "x5t#S256" : "x5t").asText();
        String expected = thumbprint(certificate, sha256 ? "SHA-256" : "SHA-1");
        return sent.replace('+', '-').replace('/', '_').replace("=", "").equals(expected);
    }

    private static String thumbprint(X509Certificate certificate, String algorithm) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(MessageDigest.getInstance(algorithm).digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK cannot hash certificates", e);
        }
    }

    private static Optional<PublicKey> key(FederatedCredential credential, String keyId) {
        for (JsonNode key : credential.keys().path("keys")) {
            if (key.path("kid").asText().equals(keyId)
                    && key.path("kty").asText().equals("RSA")) {
                try {
                    return Optional.of(KeyFactory.getInstance("RSA")
                            .generatePublic(new RSAPublicKeySpec(number(key.path("n")), number(key.path("e")))));
                } catch (GeneralSecurityException | IllegalArgumentException e) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private static BigInteger number(JsonNode base64url) {
        return new BigInteger(1, Base64.getUrlDecoder().decode(base64url.asText()));
    }

    /** RSA only, and not with keys that are too short: Entra takes no others. */
    private static boolean verifies(Jwt jwt, PublicKey key, Set<String> algorithms) {
        if (!algorithms.contains(jwt.algorithm())
                || !(key instanceof RSAPublicKey rsa)
                || rsa.getModulus().bitLength() < SMALLEST_KEY) {
            return false;
        }
        try {
            Signature signature;
            if (jwt.algorithm().equals("PS256")) {
                signature = Signature.getInstance("RSASSA-PSS");
                signature.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
            } else {
                signature = Signature.getInstance("SHA256withRSA");
            }
            signature.initVerify(key);
            signature.update(jwt.signed().getBytes(StandardCharsets.US_ASCII));
            return signature.verify(Base64.getUrlDecoder().decode(jwt.signature()));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }

    private static Jwt parse(String assertion, int status) {
        String[] parts = assertion.split("\\.", -1);
        if (parts.length != 3) {
            throw new EntraFailure(Aadsts.assertionInvalid(status, "It has not three parts."));
        }
        try {
            Base64.Decoder base64url = Base64.getUrlDecoder();
            return new Jwt(
                    JSON.readTree(base64url.decode(parts[0])),
                    JSON.readTree(base64url.decode(parts[1])),
                    parts[0] + "." + parts[1],
                    parts[2]);
        } catch (IllegalArgumentException | JsonProcessingException e) {
            throw new EntraFailure(Aadsts.assertionInvalid(status, "It cannot be decoded."));
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory cannot fail to be read", e);
        }
    }
}
