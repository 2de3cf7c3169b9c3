package org.m365connector.auth;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import java.util.Map;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.lang.JoseException;
import org.m365connector.emulator.tokens.CertificateMaker;

/** A key pair with a certificate, in every form in which people have one; it also signs the tokens of a cluster. */
public final class CertificateOfTests {

    public static final String ISSUER = "https://kubernetes.example";
    public static final String SUBJECT = "system:serviceaccount:portal:auth-service";

    private final KeyPair keys;
    private final X509Certificate certificate;

    public CertificateOfTests() {
        this("RSA", 2048);
    }

    public CertificateOfTests(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            keys = generator.generateKeyPair();
            certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(
                            new ByteArrayInputStream(new CertificateMaker().signingCertificate("connector", keys)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK makes no " + algorithm, e);
        }
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public PrivateKey key() {
        return keys.getPrivate();
    }

    /** PKCS#8 in base64. */
    public String keyText() {
        return Base64.getEncoder().encodeToString(key().getEncoded());
    }

    public String certificatePem() {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was just read can be written", e);
        }
    }

    public String keyPem() {
        return pem("PRIVATE KEY", key().getEncoded());
    }

    public static String pem(String label, byte[] content) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content) + "\n-----END " + label
                + "-----\n";
    }

    /** In base64, as the API takes it. */
    public String pkcs12(String password) {
        return pkcs12(password, true);
    }

    public String pkcs12(String password, boolean withKey) {
        try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            if (withKey) {
                store.setKeyEntry("connector", key(), password.toCharArray(), new Certificate[] {certificate});
            } else {
                store.setCertificateEntry("connector", certificate);
            }
            store.store(out, password.toCharArray());
            return Base64.getEncoder().encodeToString(out.toByteArray());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this JDK writes no PKCS#12", e);
        }
    }

    /** What Entra has to know of a cluster whose tokens are signed with this key. */
    public Map<String, Object> cluster() {
        RsaJsonWebKey jwk = new RsaJsonWebKey((RSAPublicKey) keys.getPublic());
        jwk.setKeyId("k1");
        return Map.of(
                "name",
                "cluster",
                "issuer",
                ISSUER,
                "subject",
                SUBJECT,
                "jwks",
                Map.of("keys", java.util.List.of(jwk.toParams(OutputControlLevel.PUBLIC_ONLY))));
    }

    /** A token of that cluster. */
    public String clusterToken() {
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(ISSUER);
        claims.setSubject(SUBJECT);
        claims.setAudience("api://AzureADTokenExchange");
        claims.setIssuedAtToNow();
        claims.setGeneratedJwtId();
        claims.setExpirationTimeMinutesInTheFuture(60);
        JsonWebSignature token = new JsonWebSignature();
        token.setAlgorithmHeaderValue(AlgorithmIdentifiers.RSA_USING_SHA256);
        token.setKeyIdHeaderValue("k1");
        token.setKey(key());
        token.setPayload(claims.toJson());
        try {
            return token.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException("this JDK signs no RS256", e);
        }
    }
}
