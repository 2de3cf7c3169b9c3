package org.m365connector.auth.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;
import org.m365connector.emulator.browser.FormBrowser.Page;
import org.m365connector.events.LoginCompleted;
import org.m365connector.events.LoginFailed;
import org.m365connector.events.Topics;

@QuarkusTest
class StaticAccountIT extends AuthIT {

    private static final String BOT = "portal-bot";

    @BeforeEach
    void registered() {
        onboard();
        register();
        asAdmin()
                .body(Map.of("name", BOT, "upn", Seed.PORTAL))
                .post(registrationPath("/accounts"))
                .then()
                .statusCode(201)
                .body("state", equalTo("needs-login"));
    }

    @Test
    void itIsSignedInOnceThroughALink() {
        token("static:" + BOT).statusCode(409).header("X-M365-Problem", "login-required");
        String link = begin("browser").getString("loginUrl");

        assertThat(signIn(link, Seed.PORTAL).body()).contains("data-m365-result=\"done\"");

        assertThat(state()).isEqualTo("ready");
        token("static:" + BOT).statusCode(200);
        assertThat(FormBrowser.create().open(link).body()).contains("data-m365-reason=\"ticket-used\"");
        await().atMost(PATIENCE).until(this::logins, List.of(LoginCompleted.TYPE)::equals);
    }

    @Test
    void somebodyElseCannotBecomeTheStaticAccount() {
        assertThat(signIn(begin("browser").getString("loginUrl"), Seed.CLARA).body())
                .contains("data-m365-reason=\"wrong-person\"");
        assertThat(state()).isEqualTo("needs-login");
    }

    @Test
    void itIsSignedInByDeviceCode() {
        JsonPath login = begin("device");

        enter(login, Seed.PORTAL);

        await().atMost(PATIENCE).until(() -> state().equals("ready"));
        assertThat(deviceState()).isEqualTo("done");
        token("static:" + BOT).statusCode(200);
        await().atMost(PATIENCE).until(this::logins, List.of(LoginCompleted.TYPE)::equals);
    }

    @Test
    void somebodyElseWithTheDeviceCodeIsTurnedAway() {
        enter(begin("device"), Seed.CLARA);

        await().atMost(PATIENCE).until(() -> deviceState().equals("failed"));
        asAdmin().get(registrationPath("/accounts/" + BOT + "/logins")).then().body("reason", equalTo("wrong-person"));
        assertThat(state()).isEqualTo("needs-login");
        await().atMost(PATIENCE).until(this::logins, List.of(LoginFailed.TYPE)::equals);
    }

    @Test
    void aBlockedDeviceCodeIsToldAndTheLinkStillWorks() {
        entra.app(Seed.CLIENT_ID, Map.of("deviceCodeBlocked", true));
        FormBrowser browser = FormBrowser.create();
        var answer = asAdmin().body(Map.of("method", "device")).post(registrationPath("/accounts/" + BOT + "/logins"));
        if (answer.statusCode() == 201) {
            // Entra may give a code out and block only the one who enters it.
            Page page = browser.open(answer.jsonPath().getString("verificationUri"));
            page = browser.submit(page, Map.of("otc", answer.jsonPath().getString("userCode")));
            if (page.body().contains("name=\"login\"")) {
                browser.signIn(page, Seed.PORTAL, Seed.PASSWORD);
            }
            await().atMost(PATIENCE).until(() -> deviceState().equals("failed"));
            asAdmin()
                    .get(registrationPath("/accounts/" + BOT + "/logins"))
                    .then()
                    .body("reason", equalTo("device-code-blocked"));
        } else {
            answer.then().statusCode(422).header("X-M365-Problem", "device-code-refused");
        }

        assertThat(signIn(begin("browser").getString("loginUrl"), Seed.PORTAL).body())
                .contains("data-m365-result=\"done\"");
    }

    @Test
    void aDeviceLoginOfAPortalThatIsNoLongerEntitledEnds() {
        JsonPath login = begin("device");

        String tomorrow = clock().instant().plusSeconds(86_400).toString();
        asAdmin()
                .body(Map.of("entitlement", Map.of("from", tomorrow)))
                .patch(path(""))
                .then()
                .statusCode(200);
        await().atMost(PATIENCE).until(() -> deviceState().equals("failed"));
        enter(login, Seed.PORTAL);

        asAdmin().get(registrationPath("/accounts/" + BOT + "/logins")).then().body("reason", equalTo("not-entitled"));
        assertThat(state()).isEqualTo("needs-login");
        await().atMost(PATIENCE).until(this::logins, List.of(LoginFailed.TYPE)::equals);
    }

    @Test
    void anAppThatLetsPublicClientsInGoesOnWithItsSecretElsewhere() {
        entra.deviceCodeRefusesSecret();
        long mark = entra.mark();
        JsonPath login = begin("device");
        // Entra has been asked, and does not want the secret there.
        await().atMost(PATIENCE).until(() -> entra.tokenCallsSince(mark) >= 3);

        token("service").statusCode(200);
        assertThat(signIn(loginUrl(ada, Seed.ADA), Seed.ADA).body()).contains("data-m365-result=\"done\"");
        asAdmin().get(path("/attention")).then().body("kind", not(hasItem("credential-refused")));

        enter(login, Seed.PORTAL);
        await().atMost(PATIENCE).until(() -> state().equals("ready"));
        token("static:" + BOT).statusCode(200);
        token(Map.of(
                        "portal",
                        portal.value(),
                        "registration",
                        REGISTRATION,
                        "account",
                        "static:" + BOT,
                        "claims",
                        "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1726258122\"}}}"))
                .statusCode(200);
    }

    @Test
    void aPersonalAccountCannotBecomeAStaticOne() {
        entra.app(Seed.CLIENT_ID, Map.of("signInAudience", "AzureADandPersonalMicrosoftAccount"));
        asAdmin()
                .body(Map.of("accountTypes", "both", "features", List.of("mail-read")))
                .patch(registrationPath(""))
                .then()
                .statusCode(200);
        asAdmin()
                .body(Map.of("name", "dora", "upn", Seed.DORA))
                .post(registrationPath("/accounts"))
                .then()
                .statusCode(201);

        Page page = signIn(staticLink("dora"), Seed.DORA);

        assertThat(page.body()).contains("data-m365-reason=\"personal-account\"");
        token("static:dora").statusCode(409);
    }

    @Test
    void namesThatAreTakenReservedOrMissingAreRefused() {
        refused(Map.of("name", BOT, "upn", Seed.PORTAL), 409);
        refused(Map.of("name", "service", "upn", Seed.PORTAL), 409);
        refused(Map.of("name", "current-user", "upn", Seed.PORTAL), 409);
        refused(Map.of("name", "other", "upn", "not a upn"), 400);
        refused(Map.of("name", "a/b", "upn", Seed.PORTAL), 400);
        asAdmin().get(registrationPath("/accounts/missing")).then().statusCode(404);
        token("static:missing").statusCode(404).header("X-M365-Problem", "account-unknown");
    }

    @Test
    void removedItIsGoneEverywhere() {
        signIn(begin("browser").getString("loginUrl"), Seed.PORTAL);
        token("static:" + BOT).statusCode(200);

        asAdmin().delete(registrationPath("/accounts/" + BOT)).then().statusCode(204);

        token("static:" + BOT).statusCode(404);
        await().atMost(PATIENCE).until(() -> isGone(Topics.ACCOUNTS, portal + "/" + REGISTRATION + "/static:" + BOT));
    }

    /** What the portal was told about logins of the account, in order. */
    private List<String> logins() {
        return types(Topics.logins(portal), "static:" + BOT).stream()
                .filter(type -> type.startsWith("login-"))
                .toList();
    }

    /** Enters the code on Microsoft's page and signs in there. */
    private static void enter(JsonPath login, String upn) {
        FormBrowser browser = FormBrowser.create();
        Page code = browser.open(login.getString("verificationUri"));
        Page page = browser.submit(code, Map.of("otc", login.getString("userCode")));
        browser.signIn(page, upn, Seed.PASSWORD);
    }

    private JsonPath begin(String method) {
        return asAdmin()
                .body(Map.of("method", method))
                .post(registrationPath("/accounts/" + BOT + "/logins"))
                .then()
                .statusCode(201)
                .extract()
                .jsonPath();
    }

    private String state() {
        return asAdmin()
                .get(registrationPath("/accounts/" + BOT))
                .then()
                .statusCode(200)
                .extract()
                .path("state");
    }

    private String deviceState() {
        return asAdmin()
                .get(registrationPath("/accounts/" + BOT + "/logins"))
                .then()
                .statusCode(200)
                .extract()
                .path("state");
    }

    private void refused(Map<String, Object> body, int status) {
        asAdmin().body(body).post(registrationPath("/accounts")).then().statusCode(status);
    }
}
