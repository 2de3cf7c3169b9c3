package org.m365connector.auth.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthProblem;
import org.m365connector.auth.CertificateOfTests;
import org.m365connector.problem.ProblemException;

class CertificateReaderTest {

    private static final String PASSWORD = "correct horse";
    private static final CertificateOfTests MADE = new CertificateOfTests();
    private static final CertificateOfTests OTHER = new CertificateOfTests();

    private final Instant now = Instant.now();

    @Test
    void everyFormGivesTheSameKeyAndCertificate() throws Exception {
        byte[] pkcs8 = MADE.key().getEncoded();
        // What stands before the key itself has 26 bytes in PKCS#8 of 2048 bits.
        String pkcs1 = CertificateOfTests.pem("RSA PRIVATE KEY", Arrays.copyOfRange(pkcs8, 26, pkcs8.length));

        for (KeyAndCertificate read : new KeyAndCertificate[] {
            CertificateReader.pkcs12(MADE.pkcs12(PASSWORD), Optional.of(PASSWORD), now),
            CertificateReader.pem(MADE.certificatePem() + MADE.keyPem(), Optional.empty(), now),
            CertificateReader.pem(
                    "Bag Attributes\n  friendlyName: x\n" + MADE.keyPem() + OTHER.certificatePem()
                            + MADE.certificatePem(),
                    Optional.empty(),
                    now),
            CertificateReader.pem(MADE.certificatePem() + pkcs1, Optional.empty(), now)
        }) {
            assertThat(read.certificate()).isEqualTo(MADE.certificate());
            assertThat(read.key().getEncoded()).isEqualTo(pkcs8);
        }
    }

    /** {@code openssl req -x509 -newkey rsa:2048}, its key by {@code openssl pkcs8 -topk8}; both by {@code openssl pkcs12 -export}. */
    @Test
    void whatOpensslMakesIsRead() {
        KeyAndCertificate pem = CertificateReader.pem(openssl("openssl.pem"), Optional.of(PASSWORD), now);
        KeyAndCertificate pfx = CertificateReader.pkcs12(openssl("openssl.pfx.base64"), Optional.of(PASSWORD), now);

        assertThat(pem.certificate().getSubjectX500Principal().getName()).isEqualTo("CN=made by openssl for tests");
        assertThat(pfx).isEqualTo(pem);
    }

    @Test
    void theThumbprintsAreThoseOfTheWholeCertificate() throws Exception {
        KeyAndCertificate read = CertificateReader.pem(MADE.certificatePem() + MADE.keyPem(), Optional.empty(), now);
        byte[] der = MADE.certificate().getEncoded();

        assertThat(read.thumbprint())
                .isEqualTo(HexFormat.of()
                        .withUpperCase()
                        .formatHex(MessageDigest.getInstance("SHA-1").digest(der)));
        byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(der);
        assertThat(HexFormat.of().parseHex(read.thumbprintSha256())).isEqualTo(sha256);
        assertThat(Base64.getUrlDecoder().decode(read.thumbprintBase64Url())).isEqualTo(sha256);
        assertThat(read.toString()).doesNotContain(read.pkcs8());
    }

    @Test
    void aCertificateWithoutItsKeyOrAKeyWithoutItsCertificateIsToldAsSuch() {
        pem(AuthProblem.CERTIFICATE_WITHOUT_KEY, MADE.certificatePem());
        refused(
                AuthProblem.CERTIFICATE_WITHOUT_KEY,
                () -> CertificateReader.pkcs12(MADE.pkcs12(PASSWORD, false), Optional.of(PASSWORD), now));
        pem(AuthProblem.KEY_WITHOUT_CERTIFICATE, MADE.keyPem());
    }

    @Test
    void aKeyThatEntraDoesNotAcceptIsRefused() {
        CertificateOfTests elliptic = new CertificateOfTests("EC", 256);
        CertificateOfTests weak = new CertificateOfTests("RSA", 1024);

        pem(AuthProblem.CERTIFICATE_KEY_UNSUITABLE, elliptic.certificatePem() + elliptic.keyPem());
        pem(
                AuthProblem.CERTIFICATE_KEY_UNSUITABLE,
                elliptic.certificatePem() + CertificateOfTests.pem("EC PRIVATE KEY", new byte[] {1}));
        refused(
                AuthProblem.CERTIFICATE_KEY_UNSUITABLE,
                () -> CertificateReader.pkcs12(elliptic.pkcs12(PASSWORD), Optional.of(PASSWORD), now));
        pem(AuthProblem.CERTIFICATE_KEY_UNSUITABLE, weak.certificatePem() + weak.keyPem());
        pem(AuthProblem.CERTIFICATE_KEY_UNSUITABLE, elliptic.certificatePem() + MADE.keyPem());
    }

    @Test
    void theKeyOfAnotherCertificateIsRefused() {
        pem(AuthProblem.CERTIFICATE_KEY_FOREIGN, MADE.certificatePem() + OTHER.keyPem());
    }

    @Test
    void aCertificateThatIsNotValidNowIsRefused() {
        String pem = MADE.certificatePem() + MADE.keyPem();
        Instant begin = MADE.certificate().getNotBefore().toInstant();
        Instant end = MADE.certificate().getNotAfter().toInstant();

        refused(
                AuthProblem.CERTIFICATE_NOT_YET_VALID,
                () -> CertificateReader.pem(pem, Optional.empty(), begin.minusSeconds(1)));
        refused(AuthProblem.CERTIFICATE_EXPIRED, () -> CertificateReader.pem(pem, Optional.empty(), end));
        assertThat(CertificateReader.pem(pem, Optional.empty(), end.minus(Duration.ofSeconds(1))))
                .isNotNull();
    }

    @Test
    void aWrongOrMissingPasswordIsToldAsSuch() {
        String pkcs12 = MADE.pkcs12(PASSWORD);
        String pem = openssl("openssl.pem");

        for (Optional<String> password : List.of(Optional.of("wrong"), Optional.<String>empty())) {
            refused(AuthProblem.CERTIFICATE_PASSWORD_WRONG, () -> CertificateReader.pkcs12(pkcs12, password, now));
            refused(AuthProblem.CERTIFICATE_PASSWORD_WRONG, () -> CertificateReader.pem(pem, password, now));
        }
    }

    @Test
    void garbageIsUnreadable() {
        for (String garbage : new String[] {"%%%", "Z2FyYmFnZQ==", "", "MIIB"}) {
            refused(
                    AuthProblem.CERTIFICATE_UNREADABLE,
                    () -> CertificateReader.pkcs12(garbage, Optional.of(PASSWORD), now));
            pem(AuthProblem.CERTIFICATE_UNREADABLE, garbage);
            pem(
                    AuthProblem.CERTIFICATE_UNREADABLE,
                    "-----BEGIN CERTIFICATE-----\n" + garbage + "\n-----END CERTIFICATE-----\n" + MADE.keyPem());
            pem(
                    AuthProblem.CERTIFICATE_UNREADABLE,
                    MADE.certificatePem() + "-----BEGIN PRIVATE KEY-----\n" + garbage
                            + "\n-----END PRIVATE KEY-----\n");
        }
        pem(AuthProblem.CERTIFICATE_UNREADABLE, MADE.certificatePem() + MADE.keyPem() + OTHER.keyPem());
        // How OpenSSL encrypted keys before PKCS#8.
        pem(
                AuthProblem.CERTIFICATE_UNREADABLE,
                MADE.certificatePem()
                        + "-----BEGIN RSA PRIVATE KEY-----\n"
                        + "Proc-Type: 4,ENCRYPTED\n"
                        + "DEK-Info: AES-128-CBC,96D2\n\n"
                        + "AAAA\n"
                        + "-----END RSA PRIVATE KEY-----\n");
        String cutOff = MADE.pkcs12(PASSWORD);
        refused(
                AuthProblem.CERTIFICATE_UNREADABLE,
                () -> CertificateReader.pkcs12(
                        cutOff.substring(0, cutOff.length() / 8 * 4), Optional.of(PASSWORD), now));
    }

    private void pem(AuthProblem problem, String text) {
        refused(problem, () -> CertificateReader.pem(text, Optional.empty(), now));
    }

    private static void refused(AuthProblem problem, ThrowingCallable read) {
        assertThatThrownBy(read).isInstanceOfSatisfying(ProblemException.class, e -> assertThat(e.type())
                .isEqualTo(problem));
    }

    private static String openssl(String file) {
        try (InputStream in = CertificateReaderTest.class.getResourceAsStream("/certificates/" + file)) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
