package org.m365connector.auth.login;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;
import org.m365connector.emulator.browser.FormBrowser.Page;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.Event;
import org.m365connector.events.LoginCompleted;
import org.m365connector.events.LoginFailed;
import org.m365connector.events.LoginRequired;
import org.m365connector.events.SignedOut;
import org.m365connector.events.Topics;

@QuarkusTest
class BrowserLoginIT extends AuthIT {

    @BeforeEach
    void registered() {
        onboard();
        register();
    }

    @Test
    void whoSignsInAsExpectedHasATokenOfHisOwn() {
        token("user:" + ben).statusCode(409).header("X-M365-Problem", "login-required");

        Page page = signIn(loginUrl(ben, Seed.BEN), Seed.BEN);

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.body())
                .contains("data-m365-result=\"done\"")
                .contains("data-m365-origins=\"https://portal.example\"")
                .contains("You are signed in");
        assertThat(state(ben)).isEqualTo("ready");
        String accessToken = token("user:" + ben).statusCode(200).extract().path("accessToken");
        given().header("Authorization", "Bearer " + accessToken)
                .get(entra.base() + "/v1.0/me")
                .then()
                .statusCode(200)
                .body("userPrincipalName", equalTo(Seed.BEN));
        assertLogins(LoginCompleted.TYPE);
        List<Event<JsonNode>> accounts = accountEvents();
        assertThat(accounts).hasSize(1);
        assertThat(accounts.get(0).data().path("oid").asText()).isEqualTo(Seed.BEN_OID);
        assertThat(accounts.get(0).data().path("accountType").asText()).isEqualTo("work");
    }

    @Test
    void whoHasASessionAlreadyIsSignedInWithoutAPage() {
        FormBrowser browser = FormBrowser.create();
        browser.signIn(browser.open(loginUrl(ben, Seed.BEN)), Seed.BEN, Seed.PASSWORD);

        Page second = browser.open(loginUrl(ben, Seed.BEN));

        assertThat(second.uri().getPath()).isEqualTo("/oauth2/callback");
        assertThat(second.body()).contains("data-m365-reason=\"signed-in\"");
    }

    @Test
    void theWrongPersonIsTurnedAwayAndNothingIsKept() {
        Page page = signIn(loginUrl(ben, Seed.BEN), Seed.CLARA);

        assertThat(page.status()).isEqualTo(403);
        assertThat(page.body())
                .contains("data-m365-reason=\"wrong-person\"")
                .contains(Seed.BEN)
                .contains(Seed.CLARA);
        assertThat(state(ben)).isEqualTo("needs-login");
        token("user:" + ben).statusCode(409);
        assertLogins(LoginFailed.TYPE);
        assertThat(accountEvents()).isEmpty();
    }

    @Test
    void aRenamedPersonStaysTheSameAndAnotherWithHisNameIsNot() {
        signIn(loginUrl(ben, Seed.BEN), Seed.BEN);
        entra.account(Seed.BEN, Map.of("renamedTo", "benjamin@contoso.example"));

        assertThat(signIn(loginUrl(ben, Seed.BEN), "benjamin@contoso.example").body())
                .contains("data-m365-result=\"done\"");

        // Somebody else gets the old name.
        entra.account(Seed.CLARA, Map.of("renamedTo", Seed.BEN));
        Page page = signIn(loginUrl(ben, Seed.BEN), Seed.BEN);
        assertThat(page.body()).contains("data-m365-reason=\"wrong-person\"");
        assertThat(state(ben)).isEqualTo("ready");

        asPortal().delete(registrationPath("/logins/" + ben + "/pin")).then().statusCode(403);
        asAdmin().delete(registrationPath("/logins/" + ben + "/pin")).then().statusCode(204);
        assertThat(signIn(loginUrl(ben, Seed.BEN), Seed.BEN).body()).contains("data-m365-result=\"done\"");
    }

    @Test
    void aTicketWorksOnce() {
        String url = loginUrl(ben, Seed.BEN);
        signIn(url, Seed.BEN);

        Page page = FormBrowser.create().open(url);

        assertThat(page.status()).isEqualTo(410);
        assertThat(page.body()).contains("data-m365-reason=\"ticket-used\"");
        // He has signed in: that somebody goes back to the link is no news.
        asPortal().delete(registrationPath("/logins/" + ben)).then().statusCode(204);
        await().atMost(PATIENCE)
                .until(
                        () -> types(Topics.logins(portal), ben.value()),
                        List.of(LoginCompleted.TYPE, SignedOut.TYPE)::equals);
        assertThat(FormBrowser.create()
                        .open(url.substring(0, url.lastIndexOf('/')) + "/no-such-ticket")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void lookingAtALinkDoesNotUseItUp() {
        String url = loginUrl(ben, Seed.BEN);

        given().redirects().follow(false).head(url).then().statusCode(200);

        assertThat(signIn(url, Seed.BEN).body()).contains("data-m365-result=\"done\"");
    }

    @Test
    void aCallbackThatComesTwiceIsToldWhatHappenedAndRedeemsNothing() {
        FormBrowser browser = FormBrowser.create();
        Page done = browser.signIn(browser.open(loginUrl(ben, Seed.BEN)), Seed.BEN, Seed.PASSWORD);
        long mark = entra.mark();

        Page again = browser.open(done.uri().toString());

        assertThat(again.body()).contains("data-m365-reason=\"signed-in\"");
        assertThat(entra.tokenCallsSince(mark)).isZero();
        assertLogins(LoginCompleted.TYPE);
    }

    @Test
    void aForeignOrMissingStateIsRefused() {
        given().get("/oauth2/callback?code=x&state=made-up")
                .then()
                .statusCode(400)
                .body(containsString("data-m365-reason=\"attempt-unknown\""));
        given().get("/oauth2/callback?code=x").then().statusCode(400);
        given().get("/oauth2/callback?state=x").then().statusCode(400);
        given().get("/oauth2/callback").then().statusCode(400);
    }

    @Test
    void anotherBrowserCannotFinishWhatOneBegan() {
        FormBrowser browser = FormBrowser.stoppingAt(uri ->
                uri.getPath().equals("/oauth2/callback") && uri.getRawQuery().matches("(.*&)?code=.*"));
        Page atCallback = browser.signIn(browser.open(loginUrl(ben, Seed.BEN)), Seed.BEN, Seed.PASSWORD);

        Page stolen = FormBrowser.create().open(atCallback.uri().toString());
        assertThat(stolen.status()).isEqualTo(403);
        assertThat(stolen.body()).contains("data-m365-reason=\"other-browser\"");
        assertThat(state(ben)).isEqualTo("needs-login");

        Page own = browser.open(atCallback.uri().toString());
        assertThat(own.body()).contains("data-m365-result=\"done\"");
    }

    @Test
    void whoCancelsIsToldSoAndCanTryAgain() {
        FormBrowser browser = FormBrowser.create();
        Page login = browser.open(loginUrl(ben, Seed.BEN));
        Page consent = browser.submit(login, Map.of("login", Seed.BEN, "passwd", Seed.PASSWORD));

        Page page = browser.submit(consent, Map.of("consent", "cancel"));

        assertThat(page.status()).isEqualTo(403);
        assertThat(page.body()).containsPattern("data-m365-reason=\"(cancelled|consent-refused)\"");
        assertThat(state(ben)).isEqualTo("needs-login");
        assertThat(signIn(loginUrl(ben, Seed.BEN), Seed.BEN).body()).contains("data-m365-result=\"done\"");
    }

    @Test
    void entraAwayAtTheLastStepIsToldAndNothingIsKept() {
        FormBrowser browser = FormBrowser.create();
        Page login = browser.open(loginUrl(ben, Seed.BEN));
        entra.tokenFault(Map.of("status", 503, "html", true));

        Page page = browser.signIn(login, Seed.BEN, Seed.PASSWORD);

        assertThat(page.status()).isEqualTo(503);
        assertThat(page.body()).contains("data-m365-reason=\"entra-unavailable\"");
    }

    @Test
    void theFirstStepSendsEverythingThatProtectsALogin() {
        Response first = given().redirects().follow(false).get(loginUrl(ben, Seed.BEN));

        assertThat(first.statusCode()).isEqualTo(303);
        String location = first.header("Location");
        assertThat(location)
                .startsWith(entra.base() + "/" + Seed.TENANT_ID + "/oauth2/v2.0/authorize?")
                .contains("code_challenge_method=S256")
                .contains("response_mode=query")
                .contains("response_type=code")
                .contains("prompt=none")
                .contains("login_hint=ben%40contoso.example");
        URI uri = URI.create(location);
        assertThat(uri.getQuery()).containsPattern("state=[\\w-]{43}").containsPattern("nonce=[\\w-]{43}");
        assertThat(uri.getQuery()).containsPattern("code_challenge=[\\w-]{43}");
        assertThat(first.header("Set-Cookie"))
                .startsWith("m365-login-")
                .contains("HttpOnly")
                .containsIgnoringCase("SameSite=Lax")
                .contains("Path=/;");
        assertThat(first.header("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(first.header("Cache-Control")).isEqualTo("no-store");
    }

    @Test
    void pagesAreGermanForGermansAndRunNothingForeign() {
        given().header("Accept-Language", "de-DE,de;q=0.9,en;q=0.5")
                .get("/login/no-such-ticket")
                .then()
                .statusCode(404)
                .header("Content-Security-Policy", containsString("default-src 'none'"))
                .header("X-Content-Type-Options", "nosniff")
                .body(containsString("Dieser Link ist nicht bekannt"))
                .body(containsString("lang=\"de\""))
                .body(matchesPattern("(?s)((?!<script>|style=|onclick).)*"));
        given().get("/login/m365-login.js").then().statusCode(200).contentType(containsString("javascript"));
        given().get("/login/m365-login.css").then().statusCode(200).contentType(containsString("css"));
    }

    @Test
    void theRedirectWayLeadsBackToThePortalOnly() {
        Map<String, Object> login = Map.of(
                "portaluser",
                ben.value(),
                "upn",
                Seed.BEN,
                "display",
                "redirect",
                "returnUrl",
                "https://portal.example/app?page=7#top");
        String url = asPortal()
                .body(login)
                .post(registrationPath("/logins"))
                .then()
                .statusCode(201)
                .extract()
                .path("loginUrl");
        FormBrowser browser = FormBrowser.stoppingAt(uri -> uri.getHost().equals("portal.example"));

        Page page = browser.signIn(browser.open(url), Seed.BEN, Seed.PASSWORD);

        assertThat(page.uri()).hasToString("https://portal.example/app?page=7&m365login=done&m365reason=signed-in#top");
        for (String foreign : List.of(
                "https://evil.example/",
                "https://portal.example.evil.example/",
                "https://portal.example@evil.example/",
                "http://portal.example/",
                "javascript:alert(1)",
                "//portal.example/")) {
            asPortal()
                    .body(Map.of("portaluser", ben.value(), "display", "redirect", "returnUrl", foreign))
                    .post(registrationPath("/logins"))
                    .then()
                    .statusCode(422)
                    .header("X-M365-Problem", "return-url-not-allowed");
        }
    }

    @Test
    void nobodyIsExpectedWhereNobodySaidWho() {
        asPortal()
                .body(Map.of("portaluser", ada.value()))
                .post(registrationPath("/logins"))
                .then()
                .statusCode(422)
                .header("X-M365-Problem", "upn-unknown");
        asPortal()
                .body(Map.of("portaluser", ada.value(), "upn", Seed.ADA))
                .post(registrationPath("/logins"))
                .then()
                .statusCode(201);
    }

    @Test
    void whoSignsOutIsOutAtOnceAndHisRefreshTokenIsDestroyed() {
        signIn(loginUrl(ben, Seed.BEN), Seed.BEN);
        int generation = token("user:" + ben).statusCode(200).extract().path("generation");

        asPortal().delete(registrationPath("/logins/" + ben)).then().statusCode(204);

        token("user:" + ben).statusCode(409).header("X-M365-Problem", "login-required");
        assertThat(state(ben)).isEqualTo("gone");
        assertLogins(LoginCompleted.TYPE, SignedOut.TYPE);
        JsonNode last = accountEvents().get(1).data();
        assertThat(last.path("state").asText()).isEqualTo("gone");
        assertThat(last.path("generation").asInt()).isGreaterThan(generation);

        signIn(loginUrl(ben, Seed.BEN), Seed.BEN);
        token("user:" + ben).statusCode(200);
    }

    @Test
    void aLinkForWhoeverNeedsItIsTheSameUntilItIsUsedAndToldOnce() {
        tell(ben, Seed.BEN);
        Map<String, Object> needed = Map.of(
                "portal",
                portal.value(),
                "registration",
                REGISTRATION,
                "account",
                "user:" + ben,
                "reason",
                "login-required");
        String first = link(needed);
        String second = link(needed);

        assertThat(second).isEqualTo(first);
        assertLogins(LoginRequired.TYPE);
        Event<JsonNode> event = events(Topics.logins(portal), ben.value()).get(0);
        assertThat(event.data().path("loginUrl").asText()).isEqualTo(first);
        assertThat(event.data().path("account").asText()).isEqualTo("current-user");
        assertThat(event.extension("portaluser")).contains(ben.value());

        assertThat(signIn(first, Seed.BEN).body()).contains("data-m365-result=\"done\"");
        assertThat(link(needed)).isNotEqualTo(first);
        asService()
                .body(Map.of(
                        "portal",
                        portal.value(),
                        "registration",
                        REGISTRATION,
                        "account",
                        "service",
                        "reason",
                        "login-required"))
                .post("/internal/logins")
                .then()
                .statusCode(422)
                .header("X-M365-Problem", "login-not-possible");
        asPortal().body(needed).post("/internal/logins").then().statusCode(403);
    }

    @Test
    void whoseTokensEntraRevokesHasToSignInAgainAndIsNotAskedForTwice() {
        signIn(loginUrl(ben, Seed.BEN), Seed.BEN);
        token("user:" + ben).statusCode(200);
        entra.account(Seed.BEN, Map.of("revoke", true));
        long mark = entra.mark();

        token(Map.of(
                        "portal",
                        portal.value(),
                        "registration",
                        REGISTRATION,
                        "account",
                        "user:" + ben,
                        "claims",
                        "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1726258122\"}}}"))
                .statusCode(409)
                .header("X-M365-Problem", "login-required");

        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
        token("user:" + ben).statusCode(409);
        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
        assertThat(state(ben)).isEqualTo("needs-login");
        await().atMost(PATIENCE).until(() -> accountEvents().size() == 2);
        assertThat(accountEvents().get(1).data().path("state").asText()).isEqualTo("needs-login");
    }

    private String link(Map<String, Object> needed) {
        return asService()
                .body(needed)
                .post("/internal/logins")
                .then()
                .statusCode(200)
                .extract()
                .path("loginUrl");
    }

    private List<Event<JsonNode>> accountEvents() {
        List<Event<JsonNode>> found = events(Topics.ACCOUNTS, portal + "/" + REGISTRATION + "/user:" + ben);
        assertThat(found).allSatisfy(event -> assertThat(event.type()).isEqualTo(AccountRecord.TYPE));
        return found;
    }

    private void assertLogins(String... types) {
        await().atMost(PATIENCE).until(() -> types(Topics.logins(portal), ben.value()), List.of(types)::equals);
    }
}
