package org.m365connector.emulator.entra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.m365connector.emulator.entra.EntraClientOfTests.appOnly;
import static org.m365connector.emulator.entra.EntraClientOfTests.redemption;
import static org.m365connector.emulator.entra.EntraClientOfTests.with;

import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.entra.EntraClientOfTests.Answer;

/** What an app may prove itself with instead of a secret, and what is refused. */
class ClientAssertionTest {

    private static Emulator emulator;
    private static EntraClientOfTests entra;
    private static AssertionsOfTests assertions;

    @BeforeAll
    static void start() throws Exception {
        emulator = Emulator.start();
        entra = new EntraClientOfTests(emulator);
        assertions = new AssertionsOfTests();
    }

    @AfterAll
    static void stop() {
        emulator.close();
    }

    @BeforeEach
    void reset() throws Exception {
        emulator.reset();
        entra.control("apps/" + Seed.CLIENT_ID, assertions.registration());
        entra.control("apps/" + Seed.CLIENT_ID, assertions.federation());
    }

    private static String endpoint() {
        return emulator.httpBase() + "/" + Seed.TENANT_ID + "/oauth2/v2.0/token";
    }

    private static Answer appOnlyWith(String assertion) {
        return entra.token(with(
                appOnly(),
                "client_secret",
                null,
                "client_assertion_type",
                ClientAssertions.TYPE,
                "client_assertion",
                assertion));
    }

    private static void assertRefused(Answer answer, int number) {
        assertThat(answer.text("error_description")).startsWith("AADSTS" + number + ": ");
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.text("error")).isEqualTo("invalid_client");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PS256", "RS256"})
    void aRegisteredCertificateIsAccepted(String algorithm) throws Exception {
        assertThat(appOnlyWith(assertions.own(algorithm, endpoint(), Map.of())).status())
                .isEqualTo(200);
    }

    @Test
    void theOldThumbprintIsAcceptedToo() throws Exception {
        Answer answer = appOnlyWith(
                assertions.own("RS256", Map.of("x5t", assertions.thumbprint("SHA-1")), endpoint(), Map.of()));

        assertThat(answer.status()).isEqualTo(200);
    }

    @Test
    void aCodeIsRedeemedWithACertificate() throws Exception {
        Map<String, String> form = with(
                redemption(entra.code(Seed.BEN)),
                "client_secret",
                null,
                "client_assertion_type",
                ClientAssertions.TYPE,
                "client_assertion",
                assertions.own("PS256", endpoint(), Map.of()));

        assertThat(entra.token(form).status()).isEqualTo(200);
    }

    @Test
    void anotherCertificateIsNotRegistered() throws Exception {
        assertRefused(appOnlyWith(new AssertionsOfTests().own("PS256", endpoint(), Map.of())), 700027);
    }

    @Test
    void aSignatureOfAnotherKeyIsRefused() throws Exception {
        String forged = new AssertionsOfTests()
                .own("PS256", Map.of("x5t#S256", assertions.thumbprint("SHA-256")), endpoint(), Map.of());

        assertRefused(appOnlyWith(forged), 700027);
    }

    @Test
    void anUnsignedAssertionIsRefused() throws Exception {
        assertRefused(appOnlyWith(assertions.own("none", endpoint(), Map.of())), 700027);
    }

    @Test
    void aKeyThatIsTooShortIsRefused() throws Exception {
        AssertionsOfTests weak = new AssertionsOfTests(1024);
        entra.control("apps/" + Seed.CLIENT_ID, weak.registration());

        assertRefused(appOnlyWith(weak.own("PS256", endpoint(), Map.of())), 700027);
    }

    @Test
    void anExpiredCertificateIsRefused() throws Exception {
        entra.control("clock", "{\"advance\":\"P826D\"}");
        long later = Instant.now().getEpochSecond() + 826L * 86_400;

        assertRefused(
                appOnlyWith(assertions.own("PS256", endpoint(), Map.of("nbf", later, "exp", later + 600))), 700027);
    }

    @ParameterizedTest
    @CsvSource({"-1200,-600", "600,1200"})
    void anAssertionOutsideItsTimeIsRefused(long nbf, long exp) throws Exception {
        long now = Instant.now().getEpochSecond();

        assertRefused(
                appOnlyWith(assertions.own("PS256", endpoint(), Map.of("nbf", now + nbf, "exp", now + exp))), 700024);
    }

    @Test
    void clocksMayDifferByAFewMinutes() throws Exception {
        long ahead = Instant.now().getEpochSecond() + 240;

        assertThat(appOnlyWith(assertions.own("PS256", endpoint(), Map.of("nbf", ahead, "exp", ahead + 600)))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void anAssertionForAnotherEndpointIsRefused() throws Exception {
        assertRefused(appOnlyWith(assertions.own("PS256", emulator.httpBase() + "/common", Map.of())), 700023);
    }

    @ParameterizedTest
    @ValueSource(strings = {"iss", "sub"})
    void anAssertionOfAnotherAppIsRefused(String claim) throws Exception {
        assertRefused(appOnlyWith(assertions.own("PS256", endpoint(), Map.of(claim, "somebody else"))), 700021);
    }

    @Test
    void anAssertionIsGoodForOneRequest() throws Exception {
        String assertion = assertions.own("PS256", endpoint(), Map.of());
        assertThat(appOnlyWith(assertion).status()).isEqualTo(200);

        assertRefused(appOnlyWith(assertion), 50027);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "a.b.c", "e30.e30.", "e30.e30.AA"})
    void whatIsNoTokenIsRefused(String assertion) {
        assertThat(appOnlyWith(assertion).status()).isEqualTo(401);
    }

    @Test
    void anotherKindOfAssertionIsRefused() throws Exception {
        Answer answer = entra.token(with(
                appOnly(),
                "client_secret",
                null,
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
                "client_assertion",
                assertions.own("PS256", endpoint(), Map.of())));

        assertThat(answer.status()).isEqualTo(400);
    }

    @Test
    void aSecretBesidesAnAssertionIsMalformed() throws Exception {
        Answer answer = entra.token(with(
                appOnly(),
                "client_assertion_type",
                ClientAssertions.TYPE,
                "client_assertion",
                assertions.own("PS256", endpoint(), Map.of())));

        assertThat(answer.text("error_description")).startsWith("AADSTS9002313");
    }

    @Test
    void theTokenOfATrustedIssuerIsAcceptedUntilItExpires() throws Exception {
        String token = assertions.federated(Map.of());

        assertThat(appOnlyWith(token).status()).isEqualTo(200);
        assertThat(appOnlyWith(token).status()).isEqualTo(200);
        entra.control("clock", "{\"advance\":\"PT20M\"}");
        assertRefused(appOnlyWith(token), 700024);
    }

    @ParameterizedTest
    @CsvSource({
        "iss,https://other.example,700211",
        "iss,HTTPS://kubernetes.example,700211",
        "sub,system:serviceaccount:portal:Auth-Service,700213",
        "aud,api://azureadtokenexchange,700212"
    })
    void issuerSubjectAndAudienceAreComparedExactly(String claim, String value, int number) throws Exception {
        assertRefused(appOnlyWith(assertions.federated(Map.of(claim, value))), number);
    }

    @Test
    void aTokenThatTheIssuerDidNotSignIsRefused() throws Exception {
        assertRefused(appOnlyWith(new AssertionsOfTests().federated(Map.of())), 700027);
    }
}
