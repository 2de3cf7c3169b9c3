package org.m365connector.auth.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.auth.registration.AppAttentions;
import org.m365connector.auth.registration.Registrations;
import org.m365connector.emulator.Seed;
import org.m365connector.events.AttentionNeeded;
import org.m365connector.events.AttentionOver;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.Topics;

@QuarkusTest
class AttentionIT extends AuthIT {

    private static final String BOT = "portal-bot";

    @Inject
    EntitlementCheck check;

    @Inject
    Attentions attentions;

    @Inject
    AppAttentions apps;

    @Inject
    Registrations registrations;

    @Inject
    DataSource database;

    @BeforeEach
    void registeredWithAStaticAccount() {
        onboard();
        register();
        asAdmin()
                .body(Map.of("name", BOT, "upn", Seed.PORTAL))
                .post(registrationPath("/accounts"))
                .then()
                .statusCode(201);
    }

    @Test
    void aStaticAccountThatNeedsLoginIsListedWithTheCallThatMakesALink() {
        String call = attention()
                .body("", hasSize(1))
                .body("[0].kind", equalTo("account-needs-login"))
                .body("[0].registration", equalTo(REGISTRATION))
                .body("[0].account", equalTo(BOT))
                .body("[0].title", containsString("has to be signed in"))
                .extract()
                .path("[0].call");
        asPortal()
                .header("Accept-Language", "de")
                .get(path("/attention"))
                .then()
                .statusCode(200)
                .body("[0].title", containsString("muss angemeldet werden"));

        assertThat(call).startsWith("POST /api/portals/" + portal);
        signIn(
                asAdmin()
                        .body(Map.of("method", "browser"))
                        .post(call.substring("POST ".length()))
                        .then()
                        .statusCode(201)
                        .extract()
                        .path("loginUrl"),
                Seed.PORTAL);

        attention().body("", empty());
        await().atMost(PATIENCE).until(this::told, List.of(AttentionNeeded.TYPE, AttentionOver.TYPE)::equals);
    }

    @Test
    void whatMicrosoftEndsIsRaisedOnceHoweverOftenATokenIsAskedFor() {
        String link = asAdmin()
                .body(Map.of("method", "browser"))
                .post(registrationPath("/accounts/" + BOT + "/logins"))
                .then()
                .extract()
                .path("loginUrl");
        signIn(link, Seed.PORTAL);
        entra.account(Seed.PORTAL, Map.of("revoke", true));

        token(claims()).statusCode(409);
        token(claims()).statusCode(409);

        attention().body("", hasSize(1)).body("[0].kind", equalTo("account-needs-login"));
        await().atMost(PATIENCE)
                .until(this::told, List.of(AttentionNeeded.TYPE, AttentionOver.TYPE, AttentionNeeded.TYPE)::equals);
    }

    @Test
    void theEndOfTheAccountOrTheRegistrationEndsIt() {
        asAdmin().delete(registrationPath("/accounts/" + BOT)).then().statusCode(204);
        attention().body("", empty());

        asAdmin()
                .body(Map.of("name", BOT, "upn", Seed.PORTAL))
                .post(registrationPath("/accounts"))
                .then()
                .statusCode(201);
        attention().body("", hasSize(1));
        asAdmin().delete(registrationPath("?now=true")).then().statusCode(204);
        attention().body("", empty());
    }

    @Test
    void missingNotificationsAreToldAsLongAsSyncServiceReportsThem() {
        for (boolean missing : new boolean[] {true, true, false}) {
            asService()
                    .body(Map.of("portal", portal, "registration", REGISTRATION, "missing", missing))
                    .post("/internal/attentions/notifications")
                    .then()
                    .statusCode(204);
            assertThat(attention().extract().jsonPath().getList("kind").contains("notifications-missing"))
                    .isEqualTo(missing);
        }
        asService()
                .body(Map.of("portal", portal, "registration", "Gone", "missing", true))
                .post("/internal/attentions/notifications")
                .then()
                .statusCode(204);
        asPortal()
                .body(Map.of("portal", portal, "registration", REGISTRATION, "missing", true))
                .post("/internal/attentions/notifications")
                .then()
                .statusCode(403);
    }

    @Test
    void anAppThatEntraDoesNotAcceptIsToldUntilEntraGivesATokenAgain() {
        long mark = entra.mark();
        entra.app(Seed.CLIENT_ID, Map.of("disabled", true));

        token("service").statusCode(503).header("X-M365-Problem", "registration-misconfigured");

        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
        assertThat(ofTheRegistration()).containsExactly("registration-misconfigured");
        attention()
                .body("find { it.kind == 'registration-misconfigured' }.registration", equalTo(REGISTRATION))
                .body(
                        "find { it.kind == 'registration-misconfigured' }.call",
                        equalTo("POST " + registrationPath("/test")));

        // Nobody is told of another pause, and whoever repairs it need not wait for the next one to pass
        entra.app(Seed.CLIENT_ID, Map.of("disabled", false));
        await().atMost(PATIENCE).until(() -> token("service").extract().statusCode() == 200);
        assertThat(ofTheRegistration()).isEmpty();
        await().atMost(PATIENCE)
                .until(
                        () -> types(Topics.logins(portal), REGISTRATION),
                        List.of(AttentionNeeded.TYPE, AttentionOver.TYPE)::equals);
    }

    @Test
    void anotherAppOfTheRegistrationOrItsTestEndsThatToo() {
        entra.app(Seed.CLIENT_ID, Map.of("disabled", true));
        token("service").statusCode(503);
        assertThat(ofTheRegistration()).containsExactly("registration-misconfigured");
        entra.app(Seed.CLIENT_ID, Map.of("disabled", false));
        asAdmin().post(registrationPath("/test")).then().statusCode(200);
        assertThat(ofTheRegistration()).isEmpty();

        asAdmin()
                .body(Map.of("clientId", "11111111-2222-4333-8444-555555555555"))
                .patch(registrationPath(""))
                .then()
                .statusCode(200);
        token("service").statusCode(503);
        assertThat(ofTheRegistration()).containsExactly("registration-misconfigured");
        asAdmin()
                .body(Map.of("clientId", Seed.CLIENT_ID))
                .patch(registrationPath(""))
                .then()
                .statusCode(200);
        assertThat(ofTheRegistration()).isEmpty();
    }

    @Test
    void aServiceAccountWhoseTokenLacksPermissionsIsToldUntilItHasThem() {
        token("service").statusCode(200);
        assertThat(ofTheRegistration()).isEmpty();

        entra.app(Seed.CLIENT_ID, Map.of("grants", List.of("Mail.Send")));
        renewed("service").statusCode(200);
        renewed("service").statusCode(200);
        assertThat(ofTheRegistration()).containsExactly("consent-missing");
        attention()
                .body("find { it.kind == 'consent-missing' }.account", equalTo("service"))
                .body("find { it.kind == 'consent-missing' }.call", equalTo("GET " + registrationPath("/setup")));

        // When it is granted again and somebody looks, then the service account does not keep the token that lacks it
        entra.reset();
        long before = token("service").extract().jsonPath().getLong("generation");
        asAdmin()
                .accept("application/json")
                .get(registrationPath("/setup"))
                .then()
                .statusCode(200);
        assertThat(ofTheRegistration()).isEmpty();
        assertThat(token("service").extract().jsonPath().getLong("generation")).isGreaterThan(before);
        await().atMost(PATIENCE)
                .until(
                        () -> types(Topics.logins(portal), "service"),
                        List.of(AttentionNeeded.TYPE, AttentionOver.TYPE)::equals);
    }

    @Test
    void whoWantsLessOfTheServiceAccountNeedNotWaitForItsNextToken() {
        entra.app(Seed.CLIENT_ID, Map.of("grants", List.of("Mail.Send", "Mail.ReadWrite")));
        token("service").statusCode(200);
        assertThat(ofTheRegistration()).containsExactly("consent-missing");
        long mark = entra.mark();

        // When the registration is for something else that is not consented either
        features("mail-send", "teams-read");
        assertThat(ofTheRegistration()).containsExactly("consent-missing");

        // When it is only for what is
        features("mail-send");

        // Then that is over at once, and nobody had to ask Entra
        assertThat(ofTheRegistration()).isEmpty();
        assertThat(entra.tokenCallsSince(mark)).isZero();
        await().atMost(PATIENCE)
                .until(
                        () -> types(Topics.logins(portal), "service"),
                        List.of(AttentionNeeded.TYPE, AttentionOver.TYPE)::equals);
    }

    @Test
    void whatThePortalIsNotEntitledToNobodyNeedConsentTo() {
        entra.app(Seed.CLIENT_ID, Map.of("grants", List.of("Mail.Send", "Mail.ReadWrite")));
        features("mail-send", "teams-read");
        token("service").statusCode(200);
        assertThat(ofTheRegistration()).containsExactly("consent-missing");

        entitledTo("teams-read", "files");
        assertThat(ofTheRegistration()).containsExactly("consent-missing");
        entitledTo("mail-send", "files");
        assertThat(ofTheRegistration()).isEmpty();
        renewed("service").statusCode(200);
        assertThat(ofTheRegistration()).isEmpty();

        // When it may use it again, the next token tells
        entitledTo("mail-send", "teams-read");
        renewed("service").statusCode(200);
        assertThat(ofTheRegistration()).containsExactly("consent-missing");
    }

    /** Whoever raises or ends one holds the row of what it is about first; two orders would end in a deadlock. */
    @Test
    void aPortalThatIsRemovedWaitsForWhoTellsOfItsRegistrationAndNotTheOtherWayRound() throws Exception {
        Concern concern = misconfigured();

        CompletableFuture<Integer> answer = QuarkusTransaction.requiringNew().call(() -> {
            registrations.getLocked(portal, concern.registration().orElseThrow());
            CompletableFuture<Integer> removed = CompletableFuture.supplyAsync(
                    () -> asAdmin().delete(path("?now=true")).statusCode());
            await().atMost(PATIENCE).until(this::somebodyWaitsForARow);
            attentions.over(concern);
            return removed;
        });

        assertThat(answer.get(1, TimeUnit.MINUTES)).isEqualTo(204);
    }

    @Test
    void whoTellsOfPermissionsWaitsForWhoHoldsTheRegistrationAndNotTheOtherWayRound() throws Exception {
        Concern concern = misconfigured();

        CompletableFuture<Void> told = QuarkusTransaction.requiringNew().call(() -> {
            registrations.getLocked(portal, concern.registration().orElseThrow());
            CompletableFuture<Void> telling = CompletableFuture.runAsync(
                    () -> apps.issued(portal, concern.registration().orElseThrow(), Set.of()));
            await().atMost(PATIENCE).until(this::somebodyWaitsForARow);
            attentions.over(concern);
            return telling;
        });

        told.get(1, TimeUnit.MINUTES);
        assertThat(ofTheRegistration()).containsExactly("consent-missing");
    }

    /** Somebody was told that Entra does not accept the app. */
    private Concern misconfigured() {
        RegistrationName name = new RegistrationName(REGISTRATION);
        apps.refused(portal, name);
        assertThat(ofTheRegistration()).containsExactly("registration-misconfigured");
        return Concern.ofRegistration(portal, name, AttentionKind.REGISTRATION_MISCONFIGURED);
    }

    private boolean somebodyWaitsForARow() throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(
                        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%from registration %'");
                ResultSet row = statement.executeQuery()) {
            return row.next();
        }
    }

    private void features(String... features) {
        asAdmin()
                .body(Map.of("features", List.of(features)))
                .patch(registrationPath(""))
                .then()
                .statusCode(200);
    }

    private void entitledTo(String... features) {
        asAdmin()
                .body(Map.of("entitlement", Map.of("features", List.of(features))))
                .patch(path(""))
                .then()
                .statusCode(200);
    }

    @Test
    void onlyThePortalItselfAndTheAdministratorMayReadIt() {
        asService().get(path("/attention")).then().statusCode(403);
        with("no-such-key-0123456789").get(path("/attention")).then().statusCode(401);
        asAdmin().get("/api/portals/unknown/attention").then().statusCode(404);
    }

    @Test
    void theEndOfAnEntitlementIsToldAheadOfTimeAndWhenItIsThereUntilItIsRenewed() {
        Instant now = clock().instant();
        entitledUntil(now.plus(Duration.ofDays(31)));
        check.lookAtAll();
        assertThat(open()).isEmpty();

        entitledUntil(now.plus(Duration.ofDays(20)));
        check.lookAtAll();
        assertThat(open()).containsExactly("entitlement-ending");
        entitledUntil(now.plus(Duration.ofDays(5)));
        assertThat(open()).containsExactly("entitlement-ending");

        Instant end = clock().instant().plusSeconds(1);
        entitledUntil(end);
        await().atMost(PATIENCE).until(() -> {
            check.lookAtAll();
            return open().equals(List.of("entitlement-over"));
        });
        check.lookAtAll();

        entitledUntil(now.plus(Duration.ofDays(365)));
        assertThat(open()).isEmpty();
        String needed = AttentionNeeded.TYPE;
        String over = AttentionOver.TYPE;
        // A month, a week, a second, the end
        await().atMost(PATIENCE)
                .until(
                        () -> types(Topics.logins(portal), portal.value()),
                        List.of(needed, over, needed, over, needed, over, needed, over)::equals);
    }

    private void entitledUntil(Instant end) {
        asAdmin()
                .body(Map.of("entitlement", Map.of("until", end.toString())))
                .patch(path(""))
                .then()
                .statusCode(200);
    }

    /** Kinds of what is open for the portal as a whole. */
    private List<String> open() {
        return attention().extract().<List<String>>path("kind").stream()
                .filter(kind -> kind.startsWith("entitlement-"))
                .toList();
    }

    /** Kinds of what is open for the registration itself and its service account. */
    private List<String> ofTheRegistration() {
        return attention().extract().<List<String>>path("kind").stream()
                .filter(kind ->
                        List.of("registration-misconfigured", "consent-missing").contains(kind))
                .toList();
    }

    private ValidatableResponse renewed(String account) {
        Map<String, Object> request = new HashMap<>(claims());
        request.put("account", account);
        return token(request);
    }

    private ValidatableResponse attention() {
        return asAdmin().get(path("/attention")).then().statusCode(200);
    }

    /** What the portal was told about attention, in order. */
    private List<String> told() {
        return types(Topics.logins(portal), "").stream()
                .filter(type -> type.startsWith("attention-"))
                .toList();
    }

    /** A request that memory cannot answer. */
    private Map<String, Object> claims() {
        return Map.of(
                "portal",
                portal.value(),
                "registration",
                REGISTRATION,
                "account",
                "static:" + BOT,
                "claims",
                "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1\"}}}");
    }
}
