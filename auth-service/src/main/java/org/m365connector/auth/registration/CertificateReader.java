package org.m365connector.auth.registration;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.m365connector.auth.AuthProblem;
import org.m365connector.problem.ProblemException;

/**
 * Reads a certificate and its private key as people have them: PKCS#12 (RFC 7292), or PEM (RFC 7468) with the key in PKCS#8,
 * plain or encrypted, or in PKCS#1. What is wrong is told by a problem of its own; no problem repeats anything of a key.
 */
final class CertificateReader {

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "DSA", "RSASSA-PSS");

    private CertificateReader() {}

    static KeyAndCertificate pkcs12(String base64, Optional<String> password, Instant now) {
        byte[] content = bytes(base64);
        char[] secret = password.orElse("").toCharArray();
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(content), secret);
            List<String> keys = new ArrayList<>();
            for (String alias : Collections.list(store.aliases())) {
                if (store.isKeyEntry(alias)) {
                    keys.add(alias);
                }
            }
            if (keys.isEmpty() && store.size() > 0) {
                throw new ProblemException(AuthProblem.CERTIFICATE_WITHOUT_KEY);
            }
            if (keys.size() != 1 || !(store.getKey(keys.get(0), secret) instanceof PrivateKey key)) {
                throw unreadable();
            }
            Certificate certificate = store.getCertificate(keys.get(0));
            return belonging(key, certificate instanceof X509Certificate x509 ? List.of(x509) : List.of(), now);
        } catch (IOException e) {
            throw e.getCause() instanceof UnrecoverableKeyException ? wrongPassword() : unreadable();
        } catch (UnrecoverableKeyException e) {
            throw wrongPassword();
        } catch (GeneralSecurityException | RuntimeException e) {
            throw e instanceof ProblemException problem ? problem : unreadable();
        }
    }

    static KeyAndCertificate pem(String text, Optional<String> password, Instant now) {
        List<X509Certificate> certificates = new ArrayList<>();
        List<PrivateKey> keys = new ArrayList<>();
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            byte[] content = bytes(block.group(2));
            switch (block.group(1)) {
                case "CERTIFICATE" -> certificates.add(certificate(content));
                case "PRIVATE KEY" -> keys.add(key(content));
                case "RSA PRIVATE KEY" -> keys.add(key(pkcs8(content)));
                case "ENCRYPTED PRIVATE KEY" -> keys.add(key(decrypted(content, password)));
                case "EC PRIVATE KEY" -> throw KeyAndCertificate.unsuitable("EC");
                default -> {
                    // Parameters and the like, which tools put before a key.
                }
            }
        }
        if (keys.isEmpty() && !certificates.isEmpty()) {
            throw new ProblemException(AuthProblem.CERTIFICATE_WITHOUT_KEY);
        }
        if (keys.size() != 1) {
            throw unreadable();
        }
        return belonging(keys.get(0), certificates, now);
    }

    /** The rest of the chain is not needed: Entra knows the certificate itself. */
    private static KeyAndCertificate belonging(PrivateKey key, List<X509Certificate> certificates, Instant now) {
        if (certificates.isEmpty()) {
            throw new ProblemException(AuthProblem.KEY_WITHOUT_CERTIFICATE);
        }
        X509Certificate own = certificates.stream()
                .filter(certificate -> key instanceof RSAPrivateKey rsa
                        && certificate.getPublicKey() instanceof RSAPublicKey of
                        && rsa.getModulus().equals(of.getModulus()))
                .findFirst()
                .orElse(certificates.get(0));
        return KeyAndCertificate.checked(key, own, now);
    }

    private static X509Certificate certificate(byte[] der) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw unreadable();
        }
    }

    private static PrivateKey key(byte[] pkcs8) {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException e) {
                // A key of another algorithm, so the next is tried.
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this JDK does not know " + algorithm, e);
            }
        }
        throw unreadable();
    }

    private static byte[] decrypted(byte[] content, Optional<String> password) {
        EncryptedPrivateKeyInfo encrypted;
        try {
            encrypted = new EncryptedPrivateKeyInfo(content);
        } catch (IOException e) {
            throw unreadable();
        }
        try {
            // The JDK calls PBES2 by its name only, and has the algorithms inside as the parameters' text.
            String name = encrypted.getAlgName();
            String algorithm = name.equals("PBES2") || name.equals("1.2.840.113549.1.5.13")
                    ? encrypted.getAlgParameters().toString()
                    : name;
            PBEKeySpec secret = new PBEKeySpec(password.orElse("").toCharArray());
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    SecretKeyFactory.getInstance(algorithm).generateSecret(secret),
                    encrypted.getAlgParameters());
            return encrypted.getKeySpec(cipher).getEncoded();
        } catch (NoSuchAlgorithmException e) {
            throw unreadable();
        } catch (GeneralSecurityException e) {
            throw wrongPassword();
        }
    }

    /** PKCS#1 (RFC 8017, A.1.2) wrapped into PKCS#8 (RFC 5958), which is what the JDK reads. */
    private static byte[] pkcs8(byte[] pkcs1) {
        byte[] rsa = {0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0};
        byte[] version = {0x02, 0x01, 0x00};
        return der(0x30, version, rsa, der(0x04, pkcs1));
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        int length = content.size();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(tag);
        if (length > 0xffff) {
            throw unreadable();
        }
        if (length > 0xff) {
            all.write(0x82);
            all.write(length >> 8);
        } else if (length > 0x7f) {
            all.write(0x81);
        }
        all.write(length);
        all.writeBytes(content.toByteArray());
        return all.toByteArray();
    }

    private static byte[] bytes(String base64) {
        try {
            return Base64.getDecoder().decode(base64.replaceAll("\\s", "").getBytes(StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            throw unreadable();
        }
    }

    private static ProblemException unreadable() {
        return new ProblemException(AuthProblem.CERTIFICATE_UNREADABLE);
    }

    private static ProblemException wrongPassword() {
        return new ProblemException(AuthProblem.CERTIFICATE_PASSWORD_WRONG);
    }
}
