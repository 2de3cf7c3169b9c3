package org.m365connector.auth.registration;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.m365connector.auth.AuthIT;
import org.m365connector.emulator.Seed;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.Event;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.Topics;

@QuarkusTest
class RegistrationIT extends AuthIT {

    @Inject
    RegistrationEndings endings;

    @Inject
    DataSource database;

    @Inject
    RegistrationService registrations;

    @Test
    void aDraftBecomesCompleteWithItsLastPieceAndIsMadeOnce() {
        onboard();
        asAdmin()
                .body(Map.of(
                        "name",
                        REGISTRATION,
                        "features",
                        List.of("mail-send"),
                        "accountTypes",
                        "business",
                        "administrator",
                        ada.value()))
                .post(path("/registrations"))
                .then()
                .statusCode(201)
                .body("state", equalTo("draft"))
                .body("redirectUris", hasSize(1))
                .body("cloud", equalTo("global"))
                .body("upnField", equalTo("emailBiz"));
        token("service").statusCode(409).header("X-M365-Problem", "registration-incomplete");

        asAdmin()
                .body(Map.of("tenantId", Seed.TENANT_ID, "clientId", Seed.CLIENT_ID))
                .patch(registrationPath(""))
                .then()
                .statusCode(200)
                .body("state", equalTo("draft"));
        asAdmin()
                .body(Map.of("kind", "secret", "secret", Seed.CLIENT_SECRET))
                .post(registrationPath("/credentials"))
                .then()
                .statusCode(201)
                .body("secret", nullValue());

        asAdmin().get(registrationPath("")).then().body("state", equalTo("complete"));
        asAdmin()
                .body(Map.of("administrator", ben.value()))
                .patch(registrationPath(""))
                .then()
                .statusCode(200);
        String key = portal + "/" + REGISTRATION;
        await().atMost(PATIENCE)
                .until(
                        () -> types(Topics.REGISTRATIONS, key),
                        List.of(
                                RegistrationRecord.CHANGED,
                                RegistrationRecord.CHANGED,
                                RegistrationRecord.MADE,
                                RegistrationRecord.CHANGED)::equals);
        List<Event<JsonNode>> events = events(Topics.REGISTRATIONS, key);
        JsonNode made = events.get(2).data();
        assertThat(made.path("administrator").asText()).isEqualTo(ada.value());
        assertThat(made.path("state").asText()).isEqualTo("complete");
        assertThat(made.path("graphBaseUrl").asText()).isEqualTo(entra.base());
        assertThat(events.get(3).data().path("version").asLong())
                .isGreaterThan(made.path("version").asLong());
        await().atMost(PATIENCE)
                .until(() -> types(Topics.ACCOUNTS, key + "/service"), List.of(AccountRecord.TYPE)::equals);
        assertThat(events(Topics.ACCOUNTS, key + "/service")
                        .get(0)
                        .data()
                        .path("state")
                        .asText())
                .isEqualTo("ready");
    }

    @Test
    void theServiceAccountHasATokenByClientCredentials() {
        onboard();
        register();

        String first = token("service").statusCode(200).extract().path("accessToken");
        long mark = entra.mark();
        String again = token("service").statusCode(200).extract().path("accessToken");

        assertThat(again).isEqualTo(first);
        assertThat(entra.tokenCallsSince(mark)).isZero();
    }

    @Test
    void theNextCredentialIsUsedWhereOneIsRefused() {
        onboard();
        register();
        entra.app(Seed.CLIENT_ID, Map.of("secrets", List.of("a-new-secret")));

        token("service").statusCode(503).header("X-M365-Problem", "credential-expired");

        asAdmin()
                .body(Map.of("secret", "a-new-secret"))
                .post(registrationPath("/credentials"))
                .then()
                .statusCode(201);
        token("service").statusCode(200);
        String old =
                asAdmin().get(registrationPath("/credentials")).then().extract().path("[0].id");
        asAdmin().delete(registrationPath("/credentials/" + old)).then().statusCode(204);
        String last =
                asAdmin().get(registrationPath("/credentials")).then().extract().path("[0].id");
        asAdmin()
                .delete(registrationPath("/credentials/" + last))
                .then()
                .statusCode(409)
                .header("X-M365-Problem", "last-credential");
    }

    @Test
    void badRegistrationsAreRefusedEachForItsReason() {
        onboard();
        register();

        refused(registration(List.of("mail-read")), 409, "registration-exists");
        refused(but("name", "Other", "features", List.of("telepathy")), 422, "feature-unknown");
        refused(but("name", "Other", "cloud", "cumulus"), 422, "cloud-unknown");
        refused(but("name", "not a name"), 400, "invalid-request");
        refused(but("name", "Other", "tenantId", "a/../b"), 400, "invalid-request");
        refused(but("name", "Other", "features", List.of()), 400, "invalid-request");
        asAdmin()
                .get(path("/registrations/Missing"))
                .then()
                .statusCode(404)
                .header("X-M365-Problem", "registration-unknown");
        asPortal().get(path("/registrations")).then().statusCode(403);
        asAdmin().get(path("/registrations")).then().body("items.name", equalTo(List.of(REGISTRATION)));
    }

    @Test
    void featuresThatThePortalIsNotEntitledToAreRefusedByName() {
        onboard();
        asAdmin()
                .body(Map.of("entitlement", Map.of("features", List.of("mail-send", "mail-read"))))
                .patch(path(""))
                .then()
                .statusCode(200);

        asAdmin()
                .body(registration(List.of("mail-send", "teams-send", "files")))
                .post(path("/registrations"))
                .then()
                .statusCode(403)
                .body("type", equalTo("/problems/not-entitled"))
                .body("features", equalTo(List.of("teams-send", "files")));
        register(List.of("mail-send"));
        change(Map.of("features", List.of("mail-read", "teams-read")))
                .statusCode(403)
                .body("features", equalTo(List.of("teams-read")));
        change(Map.of("features", List.of("mail-read"))).statusCode(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"teams-read", "chats-read", "teams-send", "teams-manage", "meetings", "groups"})
    void whatPersonalAccountsLackIsRefusedForThemAndLeftToTheOthersWhereBothComeIn(String feature) {
        onboard();

        asAdmin()
                .body(but("accountTypes", "personal", "features", List.of("mail-read", feature)))
                .post(path("/registrations"))
                .then()
                .statusCode(422)
                .body("type", equalTo("/problems/feature-not-personal"))
                .body("features", equalTo(List.of(feature)));
        asAdmin()
                .body(but("accountTypes", "both", "features", List.of("mail-read", feature)))
                .post(path("/registrations"))
                .then()
                .statusCode(201);
        change(Map.of("accountTypes", "personal")).statusCode(422).body("features", equalTo(List.of(feature)));
        change(Map.of("accountTypes", "personal", "features", List.of("mail-read")))
                .statusCode(200);
        change(Map.of("features", List.of(feature, "files")))
                .statusCode(422)
                .header("X-M365-Problem", "feature-not-personal")
                .body("features", equalTo(List.of(feature)));
    }

    @Test
    void whatPersonalAccountsHaveIsAccepted() {
        onboard();

        asAdmin()
                .body(but(
                        "accountTypes",
                        "personal",
                        "features",
                        List.of("mail-read", "mail-send", "calendar", "contacts", "tasks", "files")))
                .post(path("/registrations"))
                .then()
                .statusCode(201);
    }

    @Test
    void aPersonalAccountIsUsedThroughTheBrowserAndInNoOtherWay() {
        onboard();
        entra.app(Seed.CLIENT_ID, Map.of("signInAudience", "PersonalMicrosoftAccount"));
        asAdmin()
                .body(but("accountTypes", "personal", "features", List.of("mail-read", "mail-send")))
                .post(path("/registrations"))
                .then()
                .statusCode(201)
                .body("state", equalTo("complete"));

        assertThat(signIn(loginUrl(ada, Seed.DORA), Seed.DORA).body()).contains("data-m365-result=\"done\"");

        String token = token("user:" + ada).statusCode(200).extract().path("accessToken");
        given().header("Authorization", "Bearer " + token)
                .get(entra.base() + "/v1.0/me")
                .then()
                .statusCode(200)
                .body("userPrincipalName", equalTo(Seed.DORA));
        String key = portal + "/" + REGISTRATION + "/";
        await().atMost(PATIENCE)
                .until(() -> types(Topics.ACCOUNTS, key + "user:" + ada), List.of(AccountRecord.TYPE)::equals);
        assertThat(events(Topics.ACCOUNTS, key + "user:" + ada)
                        .get(0)
                        .data()
                        .path("accountType")
                        .asText())
                .isEqualTo("personal");
        assertThat(types(Topics.ACCOUNTS, key + "service")).isEmpty();
        token("service").statusCode(422).header("X-M365-Problem", "personal-browser-only");
        token("static:bot").statusCode(422).header("X-M365-Problem", "personal-browser-only");
        asAdmin()
                .body(Map.of("name", "bot", "upn", Seed.DORA))
                .post(registrationPath("/accounts"))
                .then()
                .statusCode(422)
                .body("type", equalTo("/problems/personal-browser-only"));
    }

    @Test
    void aTenantIsNamedByItsGuidAsEntrasTokensDo() {
        onboard();
        for (String tenant : List.of("contoso.onmicrosoft.com", "common", "organizations")) {
            asAdmin()
                    .body(but("tenantId", tenant))
                    .post(path("/registrations"))
                    .then()
                    .statusCode(400)
                    .body(containsString("tenantId"))
                    .body(containsString("GUID"));
        }
        register();
        asAdmin()
                .body(Map.of("clientId", "my-app"))
                .patch(registrationPath(""))
                .then()
                .statusCode(400)
                .body(containsString("clientId"));
    }

    @Test
    void whereBothKindsAreLetInEachIsAskedForWhatItCanGive() {
        onboard();
        entra.app(Seed.CLIENT_ID, Map.of("signInAudience", "AzureADandPersonalMicrosoftAccount"));
        asAdmin()
                .body(but("accountTypes", "both", "features", List.of("mail-read", "teams-send")))
                .post(path("/registrations"))
                .then()
                .statusCode(201);

        // A work account gives both, a personal one has no Teams
        assertThat(signIn(loginUrl(ben, Seed.BEN), Seed.BEN).body()).contains("data-m365-result=\"done\"");
        assertThat(signIn(loginUrl(ada, Seed.DORA), Seed.DORA).body()).contains("data-m365-result=\"done\"");
        assertThat(grantedScopes(ben)).contains("Mail.Read", "ChannelMessage.Send");
        assertThat(grantedScopes(ada)).contains("Mail.Read").doesNotContain("ChannelMessage.Send");

        // Renewed, it is asked for the same, at once
        String expired = "update account_token set access_expires_at = now() where account_id in"
                + " (select id from account where portal_id = ?)";
        sql(expired, portal.value(), PreparedStatement::executeUpdate);
        long mark = entra.mark();
        token("user:" + ada).statusCode(200);
        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
    }

    private String grantedScopes(PortalUser user) {
        return sql(
                "select granted_scopes from account_token join account on id = account_id where account = ?",
                AccountId.ofUser(user).value(),
                statement -> {
                    ResultSet row = statement.executeQuery();
                    assertThat(row.next()).isTrue();
                    return row.getString(1);
                });
    }

    private interface Work<T> {
        T on(PreparedStatement statement) throws SQLException;
    }

    private <T> T sql(String sql, String parameter, Work<T> work) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, parameter);
            return work.on(statement);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aRegistrationThatBecomesPersonalLosesItsServiceAndStaticAccounts() {
        onboard();
        register(List.of("mail-send"));
        asAdmin()
                .body(Map.of("name", "bot", "upn", Seed.PORTAL))
                .post(registrationPath("/accounts"))
                .then()
                .statusCode(201);

        change(Map.of("accountTypes", "personal")).statusCode(200);

        String key = portal + "/" + REGISTRATION;
        await().atMost(PATIENCE).until(() -> isGone(Topics.ACCOUNTS, key + "/service"));
        await().atMost(PATIENCE).until(() -> isGone(Topics.ACCOUNTS, key + "/static:bot"));
        asAdmin().get(registrationPath("/accounts")).then().body("$", hasSize(0));
    }

    private ValidatableResponse change(Map<String, Object> patch) {
        return asAdmin().body(patch).patch(registrationPath("")).then();
    }

    @Test
    void anotherAppMakesTheTokensOfTheOldOneVoid() {
        onboard();
        register();
        int generation = token("service").statusCode(200).extract().path("generation");
        entra.app(
                "c0ffee00-2222-4222-8333-444455556666", Map.of("create", true, "secrets", List.of(Seed.CLIENT_SECRET)));

        asAdmin()
                .body(Map.of("clientId", "c0ffee00-2222-4222-8333-444455556666"))
                .patch(registrationPath(""))
                .then()
                .statusCode(200);

        int later = token("service").statusCode(200).extract().path("generation");
        assertThat(later).isGreaterThan(generation);
    }

    @Test
    void aRegistrationThatIsRemovedTakesItsAccountsWithIt() {
        onboard();
        register();
        token("service").statusCode(200);

        asAdmin().delete(registrationPath("?now=true")).then().statusCode(204);

        token("service").statusCode(404).header("X-M365-Problem", "registration-unknown");
        String key = portal + "/" + REGISTRATION;
        await().atMost(PATIENCE).until(() -> isGone(Topics.REGISTRATIONS, key));
        await().atMost(PATIENCE).until(() -> isGone(Topics.ACCOUNTS, key + "/service"));
    }

    @Test
    void aRegistrationThatEndsKeepsItsTokensUntilItsSubscriptionsAreReportedAsGone() {
        onboard();
        register();
        String key = portal + "/" + REGISTRATION;

        asAdmin().delete(registrationPath("")).then().statusCode(204);
        asAdmin().delete(registrationPath("")).then().statusCode(204);

        asAdmin().get(registrationPath("")).then().body("state", equalTo("ending"));
        token("service").statusCode(200);
        asPortal()
                .body(Map.of("portaluser", ada.value(), "display", "popup"))
                .post(registrationPath("/logins"))
                .then()
                .statusCode(409);
        await().atMost(PATIENCE)
                .until(
                        () -> types(Topics.REGISTRATIONS, key),
                        List.of(RegistrationRecord.MADE, RegistrationRecord.ENDING)::equals);

        confirmed("/registrations", Map.of("portal", portal.value(), "registration", REGISTRATION));
        asAdmin().get(registrationPath("")).then().statusCode(404);
        token("service").statusCode(404).header("X-M365-Problem", "registration-unknown");
        await().atMost(PATIENCE).until(() -> isGone(Topics.REGISTRATIONS, key));

        // One of the same name that was made meanwhile is not meant
        register();
        confirmed("/registrations", Map.of("portal", portal.value(), "registration", REGISTRATION));
        token("service").statusCode(200);
    }

    private static void confirmed(String what, Map<String, Object> body) {
        asService().body(body).post("/internal/endings" + what).then().statusCode(204);
        asAdmin().body(body).post("/internal/endings" + what).then().statusCode(403);
    }

    @Test
    void whoseSubscriptionsNobodyReportsIsRemovedAfterItsTime() {
        onboard();
        register();
        asAdmin().delete(registrationPath("")).then().statusCode(204);
        endings.finishOverdue();
        asAdmin().get(registrationPath("")).then().body("state", equalTo("ending"));

        sql(
                "update registration set ending_since = ending_since - interval '11 minutes' where portal_id = ?",
                portal.value(),
                PreparedStatement::executeUpdate);
        endings.finishOverdue();
        asAdmin().get(registrationPath("")).then().statusCode(404);
    }

    @Test
    void aPortalThatEndsIsOutAtOnceAndRemovedWhenItsSubscriptionsAreGone() {
        onboard();
        register();

        asAdmin().delete(path("")).then().statusCode(204);

        asPortal().get(registrationPath("/logins/" + ada)).then().statusCode(401);
        token("service").statusCode(200);
        await().atMost(PATIENCE)
                .until(() -> types(Topics.PORTALS, portal.value()).contains(PortalRecord.ENDING));

        confirmed("/portals", Map.of("portal", portal.value()));
        asAdmin().get(path("")).then().statusCode(404);
        await().atMost(PATIENCE).until(() -> isGone(Topics.PORTALS, portal.value()));
        await().atMost(PATIENCE).until(() -> isGone(Topics.REGISTRATIONS, portal + "/" + REGISTRATION));
    }

    @Test
    void aPortalIsRemovedAlsoWhereOneOfItsRegistrationsIsJustBeingRemoved() throws Exception {
        onboard();
        register();
        CompletableFuture<Integer> answer = QuarkusTransaction.requiringNew().call(() -> {
            registrations.end(portal, new RegistrationName(REGISTRATION), true);
            // It has found the registration, and waits for its row.
            CompletableFuture<Integer> portalRemoved = CompletableFuture.supplyAsync(
                    () -> asAdmin().delete(path("?now=true")).statusCode());
            await().atMost(PATIENCE).until(this::somebodyWaitsForARow);
            return portalRemoved;
        });

        assertThat(answer.get(1, TimeUnit.MINUTES)).isEqualTo(204);
        asAdmin().get(path("")).then().statusCode(404);
    }

    private boolean somebodyWaitsForARow() {
        return sql(
                "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like ?",
                "%from registration %",
                statement -> statement.executeQuery().next());
    }

    private void refused(Map<String, Object> body, int status, String slug) {
        asAdmin()
                .body(body)
                .post(path("/registrations"))
                .then()
                .statusCode(status)
                .body("type", equalTo("/problems/" + slug));
    }

    private Map<String, Object> but(Object... changes) {
        Map<String, Object> body = registration(List.of("mail-read"));
        for (int i = 0; i < changes.length; i += 2) {
            body.put((String) changes[i], changes[i + 1]);
        }
        return body;
    }
}
