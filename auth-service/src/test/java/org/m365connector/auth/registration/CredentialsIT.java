package org.m365connector.auth.registration;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.auth.CertificateOfTests;
import org.m365connector.auth.EmulatorTestResource;
import org.m365connector.auth.attention.Attentions;
import org.m365connector.emulator.Seed;
import org.m365connector.events.AttentionNeeded;
import org.m365connector.events.AttentionOver;
import org.m365connector.events.Topics;

/** What a registration proves itself with: secrets, certificates, tokens of a cluster, and their order. */
@QuarkusTest
class CredentialsIT extends AuthIT {

    private static final String PASSWORD = "correct horse";
    private static final CertificateOfTests CERTIFICATE = new CertificateOfTests();
    private static final CertificateOfTests OTHER = new CertificateOfTests();

    @Inject
    CredentialExpiry expiry;

    @Inject
    Credentials credentials;

    @Inject
    Registrations registrations;

    @Inject
    Attentions attentions;

    @Inject
    MeterRegistry meters;

    @BeforeEach
    void portal() {
        onboard();
    }

    @Test
    void aCertificateAloneGetsTheAppItsTokenAndLetsPeopleSignIn() {
        entra.app(Seed.CLIENT_ID, Map.of("secrets", List.of(), "certificates", List.of(CERTIFICATE.certificatePem())));

        String answer = registerWith(List.of(
                        Map.of("kind", "certificate", "pkcs12", CERTIFICATE.pkcs12(PASSWORD), "password", PASSWORD)))
                .statusCode(201)
                .body("state", equalTo("complete"))
                .body("credentials[0].kind", equalTo("certificate"))
                .body("credentials[0].certificate.subject", equalTo("CN=connector"))
                .body("credentials[0].certificate.thumbprint.length()", equalTo(40))
                .body("credentials[0].certificate.thumbprintSha256.length()", equalTo(64))
                .body(
                        "credentials[0].expiresAt",
                        equalTo(CERTIFICATE
                                .certificate()
                                .getNotAfter()
                                .toInstant()
                                .toString()))
                .extract()
                .asString();

        assertThat(answer).doesNotContain(PASSWORD).doesNotContain(CERTIFICATE.keyText());
        token("service").statusCode(200);
        signIn(loginUrl(ben, Seed.BEN), Seed.BEN);
        assertThat(state(ben)).isEqualTo("ready");
        token("user:" + ben).statusCode(200);
        tested().body("checks.find { it.check == 'credential-accepted' }.status", equalTo("ok"));
    }

    @Test
    void theTokenOfAClusterLetsPeopleSignInAndIsReadAnewForEveryRequest() throws IOException {
        Path file = tokenFile();
        Files.writeString(file, CERTIFICATE.clusterToken() + "\n");
        entra.app(Seed.CLIENT_ID, Map.of("secrets", List.of(), "federated", List.of(CERTIFICATE.cluster())));
        registerWith(List.of(Map.of("kind", "federated", "tokenFile", file.toString())))
                .statusCode(201)
                .body("credentials[0].tokenFile", equalTo(file.toString()));
        token("service").statusCode(200);
        signIn(loginUrl(ben, Seed.BEN), Seed.BEN);
        assertThat(state(ben)).isEqualTo("ready");

        // The cluster changes its key, so nothing that was read before is worth anything.
        entra.app(Seed.CLIENT_ID, Map.of("federated", List.of(OTHER.cluster())));
        Files.writeString(file, OTHER.clusterToken() + "\n");
        long mark = entra.mark();

        fresh("service").statusCode(200);
        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
    }

    @Test
    void aTokenFileThatIsMissingIsNamedAndTheNextCredentialIsTried() throws IOException {
        entra.app(Seed.CLIENT_ID, Map.of("federated", List.of(CERTIFICATE.cluster())));
        Path file = tokenFile();
        registerWith(List.of(Map.of("kind", "federated", "tokenFile", file.toString()), secret(Seed.CLIENT_SECRET)))
                .statusCode(201);

        token("service").statusCode(200);
        attention().body("", hasSize(1)).body("[0].subject", equalTo(credential(0)));
        tested().body(
                        "checks.find { it.check == 'credential-accepted' && it.status == 'failed' }.detail",
                        containsString("is not there"));

        Files.writeString(file, CERTIFICATE.clusterToken());
        fresh("service").statusCode(200);
        attention().body("", empty());
    }

    @Test
    void whereASecretHasEndedTheNextIsUsedAtOnceAndSomebodyIsTold() {
        Instant past = clock().instant().minusSeconds(60);
        entra.app(
                Seed.CLIENT_ID,
                Map.of(
                        "secrets",
                        List.of(
                                Map.of("value", Seed.CLIENT_SECRET, "expiresAt", past.toString()),
                                "the-second-secret")));
        registerWith(List.of(secret(Seed.CLIENT_SECRET), secret("the-second-secret")))
                .statusCode(201);
        String first = credential(0);
        String login = loginUrl(ben, Seed.BEN);
        long mark = entra.mark();

        signIn(login, Seed.BEN);
        assertThat(state(ben)).isEqualTo("ready");
        assertThat(entra.tokenCallsSince(mark)).isEqualTo(2);
        attention()
                .body("", hasSize(1))
                .body("[0].kind", equalTo("credential-refused"))
                .body("[0].subject", equalTo(first));
        mark = entra.mark();
        token("service").statusCode(200);
        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);

        asAdmin().delete(registrationPath("/credentials/" + first)).then().statusCode(204);
        attention().body("", empty());
        await().atMost(PATIENCE).until(this::told, List.of(AttentionNeeded.TYPE, AttentionOver.TYPE)::equals);
    }

    @Test
    void whereTheOnlySecretHasEndedThatIsToldEntraIsNotHammeredAndATestSeesTheRepair() {
        register();
        entra.app(Seed.CLIENT_ID, Map.of("secretExpired", true));
        token("service").statusCode(503).header("X-M365-Problem", "credential-expired");
        attention().body("", hasSize(1)).body("[0].kind", equalTo("credential-refused"));
        long mark = entra.mark();

        for (int i = 0; i < 5; i++) {
            fresh("service").statusCode(503).header("X-M365-Problem", "credential-expired");
        }

        assertThat(entra.tokenCallsSince(mark)).isZero();
        tested().body(
                        "checks.find { it.check == 'credential-accepted' }.detail",
                        containsString("invalid_client AADSTS7000222"));
        entra.app(Seed.CLIENT_ID, Map.of("secretExpired", false));
        tested().body("checks.find { it.check == 'credential-accepted' }.status", equalTo("ok"));
        attention().body("", empty());
        fresh("service").statusCode(200);
    }

    @Test
    void theOrderCanBeChanged() {
        registerWith(List.of(secret("a"), secret("b"), secret(Seed.CLIENT_SECRET)))
                .statusCode(201);
        String a = credential(0);
        String b = credential(1);
        String c = credential(2);

        moved(c, 1).statusCode(200).body("id", equalTo(List.of(c, a, b))).body("position", equalTo(List.of(1, 2, 3)));
        moved(c, 99).body("id", equalTo(List.of(a, b, c)));
        moved(c, 1).body("id", equalTo(List.of(c, a, b)));
        long mark = entra.mark();
        token("service").statusCode(200);

        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
        asAdmin().delete(registrationPath("/credentials/" + a)).then().statusCode(204);
        asAdmin()
                .get(registrationPath("/credentials"))
                .then()
                .body("id", equalTo(List.of(c, b)))
                .body("position", equalTo(List.of(1, 2)));
        moved("unknown", 1).statusCode(404).header("X-M365-Problem", "credential-unknown");
        moved(b, 0).statusCode(400).header("X-M365-Problem", "invalid-request");
    }

    @Test
    void badCredentialsAreRefusedEachForItsReason() {
        register();
        CertificateOfTests elliptic = new CertificateOfTests("EC", 256);
        String pem = CERTIFICATE.certificatePem() + CERTIFICATE.keyPem();

        refused(Map.of("kind", "certificate", "pem", CERTIFICATE.certificatePem()), "certificate-without-key");
        refused(Map.of("kind", "certificate", "pem", CERTIFICATE.keyPem()), "key-without-certificate");
        refused(
                Map.of("kind", "certificate", "pkcs12", CERTIFICATE.pkcs12(PASSWORD), "password", "wrong"),
                "certificate-password-wrong");
        refused(Map.of("kind", "certificate", "pkcs12", "Z2FyYmFnZQ=="), "certificate-unreadable");
        refused(
                Map.of("kind", "certificate", "pem", elliptic.certificatePem() + elliptic.keyPem()),
                "certificate-key-unsuitable");
        refused(
                Map.of("kind", "certificate", "pem", elliptic.certificatePem() + CERTIFICATE.keyPem()),
                "certificate-key-unsuitable");
        refused(
                Map.of("kind", "certificate", "pem", OTHER.certificatePem() + CERTIFICATE.keyPem()),
                "certificate-key-foreign");
        for (String path : new String[] {"/etc/passwd", EmulatorTestResource.TOKEN_DIRECTORY + "/../x", "token"}) {
            refused(Map.of("kind", "federated", "tokenFile", path), "token-file-not-allowed");
        }
        for (Map<String, Object> invalid : List.<Map<String, Object>>of(
                Map.of("kind", "certificate", "pem", "x".repeat(64 * 1024 + 1)),
                Map.of("kind", "certificate", "pkcs12", "x".repeat(64 * 1024 + 1)),
                Map.of("kind", "certificate"),
                Map.of("kind", "certificate", "secret", "s"),
                Map.of("kind", "certificate", "pem", pem, "secret", "s"),
                Map.of("kind", "federated"),
                Map.of("kind", "secret"),
                Map.of("secret", " "),
                Map.of("secret", "with\u0000control"),
                Map.of("kind", "password", "secret", "s"),
                Map.of())) {
            added(invalid).statusCode(400).header("X-M365-Problem", "invalid-request");
        }
        assertThat(asAdmin()
                        .get(registrationPath("/credentials"))
                        .then()
                        .extract()
                        .<List<Object>>path(""))
                .hasSize(1);
    }

    @Test
    void anEndThatComesNearIsToldInStagesAndMeasured() {
        Instant end = clock().instant().plus(Duration.ofDays(20));
        registerWith(List.of(
                        secret(Seed.CLIENT_SECRET),
                        Map.of("kind", "secret", "secret", "ends", "expiresAt", end.toString())))
                .statusCode(201);
        String ending = credential(1);

        attention()
                .body("", hasSize(1))
                .body("[0].kind", equalTo("credential-expiring"))
                .body("[0].subject", equalTo(ending));
        expiry.lookNow();
        assertThat(meters.get("m365.credential.expires")
                        .tags("portal", portal.value(), "registration", REGISTRATION, "credential", ending)
                        .gauge()
                        .value())
                .isBetween(19 * 86_400.0, 20 * 86_400.0);

        lookAfter(Duration.ofDays(1), ending);
        attention().body("kind", equalTo(List.of("credential-expiring")));
        lookAfter(Duration.ofDays(14), ending);
        lookAfter(Duration.ofDays(15), ending);
        attention().body("kind", equalTo(List.of("credential-expiring")));
        lookAfter(Duration.ofDays(20), ending);
        attention().body("kind", equalTo(List.of("credential-expired")));

        asAdmin().delete(registrationPath("/credentials/" + ending)).then().statusCode(204);
        attention().body("", empty());
        // 30 days, 7 days; instead of it that it is over; which is over when it is removed.
        await().atMost(PATIENCE)
                .until(
                        this::told,
                        List.of(
                                AttentionNeeded.TYPE,
                                AttentionNeeded.TYPE,
                                AttentionOver.TYPE,
                                AttentionNeeded.TYPE,
                                AttentionOver.TYPE)::equals);
    }

    @Test
    void thousandsOfCredentialsThatHaveEndedKeepNobodyFromBeingTold() {
        Instant soon = clock().instant().plus(Duration.ofDays(3));
        registerWith(List.of(secret(Seed.CLIENT_SECRET))).statusCode(201);
        String it = credential(0);
        long registration = QuarkusTransaction.requiringNew().call(() -> credentials.findById(it).registrationId);
        // Given many that ended two months ago, as people know; and one that ends soon, and one that has ended, as
        // nobody knows
        database("insert into credential (id, registration_id, kind, position, sealed, expires_at, created_at)"
                + " select 'ended-' || n, " + registration
                + ", 'secret', 100 + n, '\\x00', now() - interval '60 days', now()"
                + " from generate_series(0, 1000) n");
        database("insert into attention (portal_id, registration, kind, subject, urgency, since)"
                + " select '" + portal + "', '" + REGISTRATION + "', 'CREDENTIAL_EXPIRED', 'ended-' || n, 4, now()"
                + " from generate_series(1, 1000) n");
        database("update credential set expires_at = '" + soon + "' where id = '" + it + "'");
        try {
            // When
            expiry.lookNow();

            // Then
            attention()
                    .body("find { it.kind == 'credential-expiring' }.subject", equalTo(it))
                    .body("findAll { it.subject == 'ended-0' }.kind", equalTo(List.of("credential-expired")));
            assertThat(meters.get("m365.credential.expires")
                            .tags("credential", it)
                            .gauge()
                            .value())
                    .isPositive();
            assertThat(meters.find("m365.credential.expires")
                            .tags("credential", "ended-1")
                            .gauge())
                    .isNull();
        } finally {
            database("delete from attention where subject like 'ended-%'");
            database("delete from credential where id like 'ended-%'");
        }
    }

    @Test
    void theSetupGuideSpeaksOfAllThreeKinds() {
        register();

        asAdmin()
                .accept("application/json")
                .get(registrationPath("/setup"))
                .then()
                .statusCode(200)
                .body("steps.find { it.id == 'credential' }.text", containsString("\"certificate\""))
                .body("steps.find { it.id == 'credential' }.text", containsString("\"federated\""))
                .body("steps.state", hasItems("done"));
    }

    @Test
    void theApiDocumentNamesTheKindsAndWhatTheyNeed() {
        given().accept("application/json")
                .get("/q/openapi?format=json")
                .then()
                .statusCode(200)
                .body("components.schemas.CredentialKind.enum", equalTo(List.of("secret", "certificate", "federated")))
                .body(
                        "components.schemas.NewCredential.properties.keySet()",
                        hasItems("kind", "secret", "expiresAt", "pkcs12", "pem", "password", "tokenFile"));
    }

    private void database(String sql) {
        QuarkusTransaction.requiringNew()
                .run(() -> credentials.getEntityManager().createNativeQuery(sql).executeUpdate());
    }

    private void lookAfter(Duration time, String credential) {
        CredentialAttentions later =
                new CredentialAttentions(credentials, registrations, attentions, Clock.offset(clock(), time));
        QuarkusTransaction.requiringNew().run(() -> later.lookAtEnd(credential));
    }

    private ValidatableResponse registerWith(List<Map<String, Object>> all) {
        Map<String, Object> body = registration(List.of("mail-read", "mail-send"));
        body.put("credentials", all);
        return asAdmin().body(body).post(path("/registrations")).then();
    }

    private static Map<String, Object> secret(String value) {
        return Map.of("kind", "secret", "secret", value);
    }

    private void refused(Map<String, Object> body, String slug) {
        added(body).statusCode(422).body("type", equalTo("/problems/" + slug));
    }

    private ValidatableResponse added(Map<String, Object> body) {
        return asAdmin().body(body).post(registrationPath("/credentials")).then();
    }

    private ValidatableResponse moved(String credential, int position) {
        return asAdmin()
                .body(Map.of("position", position))
                .patch(registrationPath("/credentials/" + credential))
                .then();
    }

    private String credential(int index) {
        return asAdmin().get(registrationPath("/credentials")).then().extract().path("[" + index + "].id");
    }

    private ValidatableResponse attention() {
        return asAdmin().get(path("/attention")).then().statusCode(200);
    }

    private ValidatableResponse tested() {
        return asAdmin().post(registrationPath("/test")).then().statusCode(200);
    }

    private static Path tokenFile() throws IOException {
        return Files.createDirectories(EmulatorTestResource.TOKEN_DIRECTORY).resolve("token-" + UUID.randomUUID());
    }

    /** A token that no memory has: Entra has to be asked, or must not be. */
    private ValidatableResponse fresh(String account) {
        return token(Map.of(
                "portal",
                portal.value(),
                "registration",
                REGISTRATION,
                "account",
                account,
                "claims",
                "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1\"}}}"));
    }

    /** What the portal was told about attention, in order. */
    private List<String> told() {
        return types(Topics.logins(portal), "").stream()
                .filter(type -> type.startsWith("attention-"))
                .toList();
    }
}
