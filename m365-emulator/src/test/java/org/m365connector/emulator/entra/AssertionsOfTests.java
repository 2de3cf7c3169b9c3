package org.m365connector.emulator.entra;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.tokens.CertificateMaker;

/** A key with its certificate, and the assertions that an app or another identity provider signs with it. */
final class AssertionsOfTests {

    static final String ISSUER = "https://kubernetes.example";
    static final String SUBJECT = "system:serviceaccount:portal:auth-service";
    static final String AUDIENCE = "api://AzureADTokenExchange";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    private final KeyPair keys;
    private final X509Certificate certificate;

    AssertionsOfTests() throws GeneralSecurityException {
        this(2048);
    }

    AssertionsOfTests(int bits) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        keys = generator.generateKeyPair();
        byte[] der = new CertificateMaker().signingCertificate("connector", keys);
        certificate = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    PrivateKey key() {
        return keys.getPrivate();
    }

    X509Certificate certificate() {
        return certificate;
    }

    /** What the control door is told so that the app may use the certificate. */
    String registration() throws Exception {
        String pem = "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
                + "\n-----END CERTIFICATE-----\n";
        return json(Map.of("certificates", List.of(pem)));
    }

    /** What the control door is told so that the app trusts the issuer. */
    String federation() throws Exception {
        RSAPublicKey key = (RSAPublicKey) keys.getPublic();
        Map<String, Object> jwk =
                Map.of("kty", "RSA", "kid", "k1", "n", number(key.getModulus()), "e", number(key.getPublicExponent()));
        return json(Map.of(
                "federated",
                List.of(Map.of(
                        "name",
                        "cluster",
                        "issuer",
                        ISSUER,
                        "subject",
                        SUBJECT,
                        "jwks",
                        Map.of("keys", List.of(jwk))))));
    }

    /** An assertion of the app itself for that token endpoint; {@code other} replaces claims, an empty text leaves one out. */
    String own(String algorithm, String audience, Map<String, Object> other) throws Exception {
        return own(algorithm, Map.of("x5t#S256", thumbprint("SHA-256")), audience, other);
    }

    String own(String algorithm, Map<String, Object> named, String audience, Map<String, Object> other)
            throws Exception {
        Map<String, Object> claims = times();
        claims.put("aud", audience);
        claims.put("iss", Seed.CLIENT_ID);
        claims.put("sub", Seed.CLIENT_ID);
        claims.put("jti", UUID.randomUUID().toString());
        return signed(algorithm, named, claims, other);
    }

    /** A token of the trusted issuer. */
    String federated(Map<String, Object> other) throws Exception {
        Map<String, Object> claims = times();
        claims.put("aud", List.of(AUDIENCE));
        claims.put("iss", ISSUER);
        claims.put("sub", SUBJECT);
        return signed("RS256", Map.of("kid", "k1"), claims, other);
    }

    String thumbprint(String algorithm) throws Exception {
        return BASE64URL.encodeToString(MessageDigest.getInstance(algorithm).digest(certificate.getEncoded()));
    }

    private static Map<String, Object> times() {
        long now = Instant.now().getEpochSecond();
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("nbf", now);
        claims.put("iat", now);
        claims.put("exp", now + 600);
        return claims;
    }

    private String signed(
            String algorithm, Map<String, Object> named, Map<String, Object> claims, Map<String, Object> other)
            throws Exception {
        Map<String, Object> header = new LinkedHashMap<>(named);
        header.put("alg", algorithm);
        header.put("typ", "JWT");
        claims.putAll(other);
        claims.values().removeIf(""::equals);
        String signed = encoded(header) + "." + encoded(claims);
        return signed + "." + BASE64URL.encodeToString(signature(algorithm, signed));
    }

    private byte[] signature(String algorithm, String signed) throws GeneralSecurityException {
        if (algorithm.equals("none")) {
            return new byte[0];
        }
        Signature signature = Signature.getInstance(algorithm.equals("PS256") ? "RSASSA-PSS" : "SHA256withRSA");
        if (algorithm.equals("PS256")) {
            signature.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
        }
        signature.initSign(keys.getPrivate());
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        return signature.sign();
    }

    private static String encoded(Map<String, Object> part) throws JsonProcessingException {
        return BASE64URL.encodeToString(JSON.writeValueAsBytes(part));
    }

    private static String json(Map<String, Object> value) throws JsonProcessingException {
        return JSON.writeValueAsString(value);
    }

    private static String number(BigInteger number) {
        byte[] bytes = number.toByteArray();
        return BASE64URL.encodeToString(bytes[0] == 0 ? java.util.Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
    }
}
