package org.m365connector.emulator.tokens;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** An RSA key that signs tokens, with the certificate under which it is published. */
public final class SigningKey {

    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    private final KeyPair keys;
    private final String kid;
    private final byte[] certificate;

    private SigningKey(KeyPair keys, byte[] certificate) throws GeneralSecurityException {
        this.keys = keys;
        this.certificate = certificate;
        this.kid = BASE64URL.encodeToString(MessageDigest.getInstance("SHA-1").digest(certificate));
    }

    /** Takes a tenth of a second and more. */
    public static SigningKey create() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            KeyPair keys = generator.generateKeyPair();
            byte[] certificate = new CertificateMaker().signingCertificate("accounts.emulator.example", keys);
            return new SigningKey(keys, certificate);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK cannot make RSA keys", e);
        }
    }

    /** Key id, which for Entra is also the certificate's thumbprint {@code x5t}. */
    public String kid() {
        return kid;
    }

    String sign(String signed) {
        return sign(signed, "SHA256withRSA");
    }

    /** @param algorithm of the JDK */
    String sign(String signed, String algorithm) {
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(keys.getPrivate());
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return BASE64URL.encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign", e);
        }
    }

    /** As a forger does it who hopes that the published key is taken for a secret. */
    String signWithThePublicKey(String signed) {
        try {
            Mac hs256 = Mac.getInstance("HmacSHA256");
            hs256.init(new SecretKeySpec(keys.getPublic().getEncoded(), "HmacSHA256"));
            return BASE64URL.encodeToString(hs256.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign", e);
        }
    }

    boolean verifies(String signed, byte[] signature) {
        try {
            Signature rs256 = Signature.getInstance("SHA256withRSA");
            rs256.initVerify(keys.getPublic());
            rs256.update(signed.getBytes(StandardCharsets.US_ASCII));
            return rs256.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The key as JWKS entry, without the {@code issuer} that v2 adds. */
    ObjectNode jwk() {
        RSAPublicKey key = (RSAPublicKey) keys.getPublic();
        ObjectNode jwk = JsonNodeFactory.instance.objectNode();
        jwk.put("kty", "RSA").put("use", "sig").put("kid", kid).put("x5t", kid);
        jwk.put("n", unsigned(key.getModulus())).put("e", unsigned(key.getPublicExponent()));
        jwk.putArray("x5c").add(Base64.getEncoder().encodeToString(certificate));
        return jwk;
    }

    private static String unsigned(BigInteger number) {
        byte[] bytes = number.toByteArray();
        int skip = bytes[0] == 0 ? 1 : 0;
        return BASE64URL.encodeToString(Arrays.copyOfRange(bytes, skip, bytes.length));
    }
}
