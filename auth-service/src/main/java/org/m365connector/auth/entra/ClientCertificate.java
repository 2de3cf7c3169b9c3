package org.m365connector.auth.entra;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.lang.JoseException;

/**
 * A certificate of an app registration: each request carries an assertion that is signed with its key (RFC 7523, 2.2, as
 * Microsoft's page "certificate credentials" wants it: PS256, named by the certificate's SHA-256).
 *
 * @param key RSA, PKCS#8 in base64
 * @param thumbprint SHA-256 of the certificate in base64url
 */
public record ClientCertificate(String id, String key, String thumbprint) implements ClientCredential {

    /** Neither of two clocks that differ a little finds the assertion too young or too old. */
    private static final Duration BEFORE = Duration.ofMinutes(2);

    private static final Duration AFTER = Duration.ofMinutes(5);

    @Override
    public void addTo(Map<String, String> form, Occasion occasion) {
        form.put("client_assertion_type", TYPE_OF_ASSERTION);
        form.put("client_assertion", assertion(occasion));
    }

    @Override
    public boolean ages() {
        return true;
    }

    private String assertion(Occasion occasion) {
        NumericDate begin =
                NumericDate.fromMilliseconds(occasion.now().minus(BEFORE).toEpochMilli());
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(occasion.clientId());
        claims.setSubject(occasion.clientId());
        claims.setAudience(occasion.tokenEndpoint().toString());
        claims.setJwtId(UUID.randomUUID().toString());
        claims.setIssuedAt(begin);
        claims.setNotBefore(begin);
        claims.setExpirationTime(
                NumericDate.fromMilliseconds(occasion.now().plus(AFTER).toEpochMilli()));
        JsonWebSignature assertion = new JsonWebSignature();
        assertion.setAlgorithmHeaderValue(AlgorithmIdentifiers.RSA_PSS_USING_SHA256);
        assertion.setHeader("typ", "JWT");
        assertion.setX509CertSha256ThumbprintHeaderValue(thumbprint);
        assertion.setPayload(claims.toJson());
        try {
            assertion.setKey(privateKey());
            return assertion.getCompactSerialization();
        } catch (JoseException | GeneralSecurityException e) {
            // The cause is left out: what it says of a key belongs into no log.
            throw new CredentialUnusable(CredentialUnusable.Cause.KEY_UNUSABLE);
        }
    }

    private PrivateKey privateKey() throws GeneralSecurityException {
        return KeyFactory.getInstance("RSA")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(key)));
    }

    @Override
    public String toString() {
        return "ClientCertificate[id=" + id + ", thumbprint=" + thumbprint + "]";
    }
}
