package org.m365connector.auth.registration;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import org.m365connector.auth.AuthProblem;
import org.m365connector.problem.ProblemException;

/** A certificate that Entra accepts assertions of, and the key that signs them. */
record KeyAndCertificate(RSAPrivateKey key, X509Certificate certificate) {

    static final int SMALLEST_KEY = 2048;

    /** @throws ProblemException where they are not good for it now, each for its reason */
    static KeyAndCertificate checked(PrivateKey key, X509Certificate certificate, Instant now) {
        if (!(key instanceof RSAPrivateKey rsa) || !(certificate.getPublicKey() instanceof RSAPublicKey of)) {
            throw unsuitable(key.getAlgorithm());
        }
        int bits = rsa.getModulus().bitLength();
        if (bits < SMALLEST_KEY) {
            throw unsuitable("RSA " + bits);
        }
        if (!rsa.getModulus().equals(of.getModulus())) {
            throw new ProblemException(AuthProblem.CERTIFICATE_KEY_FOREIGN);
        }
        if (!now.isBefore(certificate.getNotAfter().toInstant())) {
            throw new ProblemException(
                    AuthProblem.CERTIFICATE_EXPIRED, certificate.getNotAfter().toInstant());
        }
        if (now.isBefore(certificate.getNotBefore().toInstant())) {
            throw new ProblemException(
                    AuthProblem.CERTIFICATE_NOT_YET_VALID,
                    certificate.getNotBefore().toInstant());
        }
        return new KeyAndCertificate(rsa, certificate);
    }

    static ProblemException unsuitable(String kind) {
        return new ProblemException(AuthProblem.CERTIFICATE_KEY_UNSUITABLE, kind, Integer.toString(SMALLEST_KEY));
    }

    /** As Entra's page shows it. */
    String thumbprint() {
        return HexFormat.of().withUpperCase().formatHex(hash("SHA-1"));
    }

    String thumbprintSha256() {
        return HexFormat.of().withUpperCase().formatHex(hash("SHA-256"));
    }

    /** As an assertion names it. */
    String thumbprintBase64Url() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(hash("SHA-256"));
    }

    String pkcs8() {
        return Base64.getEncoder().encodeToString(key.getEncoded());
    }

    private byte[] hash(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm).digest(certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK cannot hash certificates", e);
        }
    }

    @Override
    public String toString() {
        return "KeyAndCertificate[thumbprint=" + thumbprint() + "]";
    }
}
