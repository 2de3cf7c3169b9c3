package org.m365connector.auth.login;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;
import org.m365connector.emulator.browser.FormBrowser.Page;
import org.m365connector.events.LoginCompleted;
import org.m365connector.events.LoginFailed;
import org.m365connector.events.LoginRequired;
import org.m365connector.events.Topics;

/** Whatever goes wrong, somebody reads what to do, and the portal hears of it. */
@QuarkusTest
class FailedLoginIT extends AuthIT {

    @Inject
    Attempts attempts;

    @Inject
    Tickets tickets;

    @Inject
    RepairLinks repairLinks;

    @Inject
    LoginService logins;

    @BeforeEach
    void registered() {
        onboard();
        register();
    }

    @Test
    void whoSignedInAsSomebodyElseMayChooseAnotherAccountWithoutANewLink() {
        FormBrowser browser = FormBrowser.create();
        Page wrong = browser.signIn(browser.open(loginUrl(ben, Seed.BEN)), Seed.CLARA, Seed.PASSWORD);
        assertThat(wrong.body())
                .contains("data-m365-reason=\"wrong-person\"")
                .contains("Sign in with another account")
                // Nobody has signed in for ben: there is no pin that could be lifted.
                .doesNotContain("DELETE /api");

        Page choice = browser.submit(wrong, Map.of());
        assertThat(choice.uri().getQuery()).contains("prompt=select_account").doesNotContain("login_hint");
        assertThat(choice.body()).contains("clara");
        Page login = browser.submit(choice, Map.of("account", "other"));
        Page done = browser.signIn(login, Seed.BEN, Seed.PASSWORD);

        assertThat(done.body()).contains("data-m365-result=\"done\"");
        assertThat(state(ben)).isEqualTo("ready");
        assertLogins(LoginFailed.TYPE, LoginCompleted.TYPE);
    }

    @Test
    void whoTriedAPersonalAccountFirstIsAskedForAllThatHisOtherAccountCanGive() {
        entra.app(Seed.CLIENT_ID, Map.of("signInAudience", "AzureADandPersonalMicrosoftAccount"));
        asAdmin()
                .body(Map.of("accountTypes", "both", "features", List.of("mail-read", "teams-send")))
                .patch(registrationPath(""))
                .then()
                .statusCode(200);

        // Given somebody who signs in with his personal account, and again when that is asked for less
        FormBrowser browser = FormBrowser.create();
        Page refused = browser.signIn(browser.open(loginUrl(ben, Seed.BEN)), Seed.DORA, Seed.PASSWORD);
        assertThat(refused.uri().getQuery()).contains("Mail.Read").doesNotContain("ChannelMessage.Send");
        Page wrong = browser.signIn(refused, Seed.DORA, Seed.PASSWORD);
        assertThat(wrong.body()).contains("data-m365-reason=\"wrong-person\"");

        // When he chooses the one that is expected
        Page choice = browser.submit(wrong, Map.of());

        // Then that one is asked for everything
        assertThat(choice.uri().getQuery())
                .contains("prompt=select_account")
                .contains("Mail.Read")
                .contains("ChannelMessage.Send");
        Page done = browser.signIn(browser.submit(choice, Map.of("account", "other")), Seed.BEN, Seed.PASSWORD);
        assertThat(done.body()).contains("data-m365-result=\"done\"");
    }

    @Test
    void anAttemptIsRepeatedOnceAndInItsOwnBrowserOnly() {
        FormBrowser browser = FormBrowser.create();
        Page wrong = browser.signIn(browser.open(loginUrl(ben, Seed.BEN)), Seed.CLARA, Seed.PASSWORD);

        assertThat(FormBrowser.create().submit(wrong, Map.of()).body()).contains("data-m365-reason=\"other-browser\"");
        assertThat(browser.submit(wrong, Map.of()).body()).contains("name=\"account\"");
        assertThat(browser.submit(wrong, Map.of()).body()).contains("data-m365-reason=\"attempt-expired\"");
        given().formParam("state", "made-up").post("/login/again").then().statusCode(400);
        given().post("/login/again").then().statusCode(400);
    }

    @Test
    void aColleagueWhoIsSentATicketCannotSignInWithIt() {
        FormBrowser colleague = FormBrowser.create();
        // He is signed in at Microsoft already.
        colleague.signIn(colleague.open(loginUrl(ada, Seed.CLARA)), Seed.CLARA, Seed.PASSWORD);

        Page login = colleague.open(loginUrl(ben, Seed.BEN));
        Page page = colleague.signIn(login, Seed.CLARA, Seed.PASSWORD);

        assertThat(page.body())
                .contains("data-m365-reason=\"wrong-person\"")
                .contains(Seed.BEN)
                .contains(Seed.CLARA);
        assertThat(state(ben)).isEqualTo("needs-login");
        token("user:" + ben).statusCode(409);
        assertThat(page.body()).contains("data-m365-portaluser=\"" + ben + "\"");
    }

    @Test
    void thePageTellsHowAnAdministratorLiftsThePinAndThatWorks() {
        signIn(loginUrl(ben, Seed.BEN), Seed.BEN);

        String page = signIn(loginUrl(ben, Seed.BEN), Seed.CLARA).body();

        Matcher call = Pattern.compile("DELETE (/api/portals/[^<]+/pin)").matcher(page);
        assertThat(call.find()).isTrue();
        asAdmin().delete(call.group(1)).then().statusCode(204);
        assertThat(signIn(loginUrl(ben, Seed.CLARA), Seed.CLARA).body()).contains("data-m365-result=\"done\"");
    }

    @Test
    void theSecondFactorIsAskedForAndThenItIsDone() {
        FormBrowser browser = FormBrowser.create();
        browser.signIn(browser.open(loginUrl(ben, Seed.BEN)), Seed.BEN, Seed.PASSWORD);
        entra.account(Seed.BEN, Map.of("mfaRequired", true));

        // The silent attempt fails with AADSTS50076; Entra asks for the second factor on its page.
        Page factor = browser.open(loginUrl(ben, Seed.BEN));
        assertThat(factor.body()).contains("name=\"otc\"");

        assertThat(browser.submit(factor, Map.of("otc", Seed.SECOND_FACTOR)).body())
                .contains("data-m365-result=\"done\"");
    }

    @Test
    void aSecondFactorThatIsMissingWhenTheCodeIsRedeemedHasAPageAndAnotherTry() {
        FormBrowser browser = stoppingAtTheCode();
        Page callback = browser.signIn(browser.open(loginUrl(ben, Seed.BEN)), Seed.BEN, Seed.PASSWORD);
        entra.account(Seed.BEN, Map.of("mfaRequired", true));

        Page page = browser.open(callback.uri().toString());

        assertThat(page.status()).isEqualTo(403);
        assertThat(page.body())
                .contains("data-m365-reason=\"mfa-required\"")
                .contains("AADSTS50076")
                .contains("name=\"again\"");
        assertLogins(LoginFailed.TYPE);
        Page factor = browser.submit(page, Map.of());
        Page again = browser.submit(factor, Map.of("otc", Seed.SECOND_FACTOR));
        assertThat(browser.open(again.uri().toString()).body()).contains("data-m365-result=\"done\"");
        assertLogins(LoginFailed.TYPE, LoginCompleted.TYPE);
    }

    @Test
    void whoSignsOutWhileHeSignsInIsOut() {
        FormBrowser browser = stoppingAtTheCode();
        Page callback = browser.signIn(browser.open(loginUrl(ben, Seed.BEN)), Seed.BEN, Seed.PASSWORD);
        asPortal().delete(registrationPath("/logins/" + ben)).then().statusCode(204);

        Page page = browser.open(callback.uri().toString());

        assertThat(page.body()).contains("data-m365-reason=\"interrupted\"");
        assertThat(state(ben)).isEqualTo("gone");
        token("user:" + ben).statusCode(409);
        // Who wants to can begin anew.
        assertThat(browser.submit(page, Map.of()).uri().getPath()).isEqualTo("/oauth2/callback");
    }

    @Test
    void aLoginOfTheAppBeforeIsNoLoginOfTheOneThatTookItsPlace() {
        FormBrowser browser = stoppingAtTheCode();
        Page callback = browser.signIn(browser.open(loginUrl(ben, Seed.BEN)), Seed.BEN, Seed.PASSWORD);
        // Entra is slow, and meanwhile the registration becomes another app's
        entra.tokenFault(Map.of("delayMs", 2_000, "times", 1));
        long mark = entra.mark();
        CompletableFuture<Page> page =
                CompletableFuture.supplyAsync(() -> browser.open(callback.uri().toString()));
        await().atMost(PATIENCE).until(() -> taken());
        asAdmin()
                .body(Map.of("clientId", "99999999-9999-4999-8999-999999999999"))
                .patch(registrationPath(""))
                .then()
                .statusCode(200);

        assertThat(page.join().body()).contains("data-m365-reason=\"interrupted\"");
        assertThat(entra.tokenCallsSince(mark)).isEqualTo(1);
        assertThat(state(ben)).isEqualTo("needs-login");
        token("user:" + ben).statusCode(409);
    }

    /** Whether a callback of this portal has been taken and is being redeemed. */
    private boolean taken() {
        return QuarkusTransaction.requiringNew()
                .call(() -> attempts.count(
                                "stage = ?1 and accountId in (select id from Account where portalId = ?2)",
                                Attempt.Stage.REDEEMING,
                                portal.value())
                        > 0);
    }

    @Test
    void aLinkThatHasRunOutIsToldToThePortalOnceAndLeadsBackThere() {
        String url = loginUrl(ben, Seed.BEN);
        QuarkusTransaction.requiringNew()
                .run(() -> tickets.update(
                        "expiresAt = ?1 where accountId in (select id from Account where portalId = ?2)",
                        clock().instant(),
                        portal.value()));

        Page page = FormBrowser.create().open(url);
        FormBrowser.create().open(url);

        assertThat(page.status()).isEqualTo(410);
        assertThat(page.body()).contains("data-m365-reason=\"ticket-expired\"").contains("https://portal.example");
        assertLogins(LoginFailed.TYPE);
    }

    @Test
    void aLinkThatWasUsedInVainIsToldToThePortalAsWell() {
        String url = loginUrl(ben, Seed.BEN);
        FormBrowser browser = FormBrowser.create();
        Page wrong = browser.signIn(browser.open(url), Seed.CLARA, Seed.PASSWORD);
        assertThat(wrong.body()).contains("data-m365-reason=\"wrong-person\"");

        Page used = browser.open(url);
        browser.open(url);

        assertThat(used.body()).contains("data-m365-reason=\"ticket-used\"").contains("https://portal.example");
        assertLogins(LoginFailed.TYPE, LoginFailed.TYPE);
    }

    @Test
    void whereEntrasKeysAreAwayTheCodeIsNotUsedUp() {
        // Given an address of the keys that nobody has asked before
        asAdmin()
                .body(Map.of("tenantId", Seed.TENANT_ID.toUpperCase(Locale.ROOT)))
                .patch(registrationPath(""))
                .then()
                .statusCode(200);
        entra.keysFault(Map.of("status", 503));
        FormBrowser browser = FormBrowser.create();

        Page page = browser.signIn(browser.open(loginUrl(ben, Seed.BEN)), Seed.BEN, Seed.PASSWORD);

        assertThat(page.status()).isEqualTo(503);
        assertThat(page.body())
                .contains("data-m365-reason=\"entra-unavailable\"")
                .contains("name=\"again\"");
        entra.noFaults();
        assertThat(browser.submit(page, Map.of()).body()).contains("data-m365-result=\"done\"");
    }

    @Test
    void aStaticAccountWhoseAppHasChangedIsSentALinkAndNoOtherWhileSomebodyUsesIt() {
        asAdmin()
                .body(Map.of("name", "bot", "upn", Seed.PORTAL))
                .post(registrationPath("/accounts"))
                .then()
                .statusCode(201);
        signIn(staticLink("bot"), Seed.PORTAL);
        entra.app(Seed.CLIENT_ID, Map.of("signInAudience", "AzureADandPersonalMicrosoftAccount"));
        asAdmin()
                .body(Map.of("accountTypes", "both"))
                .patch(registrationPath(""))
                .then()
                .statusCode(200);

        repairLinks.giveOut();
        await().atMost(PATIENCE).until(() -> links().size() == 1);
        FormBrowser browser = FormBrowser.create();
        Page start = browser.open(links().get(0));
        Page login = browser.submit(start, Map.of());
        repairLinks.giveOut();

        assertThat(browser.signIn(login, Seed.PORTAL, Seed.PASSWORD).body()).contains("data-m365-result=\"done\"");
        repairLinks.giveOut();
        await().atMost(PATIENCE)
                .until(() -> types(Topics.logins(portal), "static:bot").contains(LoginCompleted.TYPE));
        assertThat(links()).hasSize(1);
    }

    /** Those that the portal was sent for its static account. */
    private List<String> links() {
        return events(Topics.logins(portal), "static:bot").stream()
                .filter(event -> event.type().equals(LoginRequired.TYPE))
                .map(event -> event.data().path("loginUrl").asText())
                .toList();
    }

    @Test
    void whoIsBlockedBeforeTheCodeIsRedeemedReadsThatAndNothingIsKept() {
        FormBrowser browser = stoppingAtTheCode();
        Page callback = browser.signIn(browser.open(loginUrl(ben, Seed.BEN)), Seed.BEN, Seed.PASSWORD);
        entra.account(Seed.BEN, Map.of("blocked", true));

        Page page = browser.open(callback.uri().toString());

        assertThat(page.status()).isEqualTo(403);
        assertThat(page.body())
                .contains("data-m365-reason=\"account-disabled\"")
                .contains("AADSTS50057")
                .doesNotContain("name=\"again\"");
        assertThat(state(ben)).isEqualTo("needs-login");
        assertLogins(LoginFailed.TYPE);
        assertThat(events(Topics.logins(portal), ben.value())
                        .get(0)
                        .data()
                        .path("reason")
                        .asText())
                .isEqualTo("account-disabled");
    }

    @Test
    void whoseConsentIsWithdrawnBeforeTheCodeIsRedeemedIsAskedOnceMore() {
        FormBrowser browser = stoppingAtTheCode();
        Page callback = browser.signIn(browser.open(loginUrl(ben, Seed.BEN)), Seed.BEN, Seed.PASSWORD);
        entra.account(Seed.BEN, Map.of("consentWithdrawn", true));

        Page page = browser.open(callback.uri().toString());

        assertThat(page.body()).contains("data-m365-reason=\"consent-refused\"").contains("name=\"again\"");
        Page consent = browser.submit(page, Map.of());
        Page again = browser.submit(consent, Map.of("consent", "accept"));
        assertThat(browser.open(again.uri().toString()).body()).contains("data-m365-result=\"done\"");
        assertLogins(LoginFailed.TYPE, LoginCompleted.TYPE);
    }

    @Test
    void theCodeOfAnotherSignInIsWorthNothing() {
        FormBrowser victim = stoppingAtTheCode();
        Page his = victim.signIn(victim.open(loginUrl(ben, Seed.BEN)), Seed.BEN, Seed.PASSWORD);
        FormBrowser other = stoppingAtTheCode();
        Page own = other.signIn(other.open(loginUrl(ben, Seed.BEN)), Seed.BEN, Seed.PASSWORD);
        String mixed = own.uri()
                .toString()
                .replace(
                        encoded(own.parameters().get("code")),
                        encoded(his.parameters().get("code")));

        Page page = other.open(mixed);

        assertThat(page.body()).contains("data-m365-reason=\"entra-refused\"");
        assertThat(state(ben)).isEqualTo("needs-login");
        token("user:" + ben).statusCode(409);
    }

    @Test
    void consentThatOnlyAnAdministratorCanGiveHasAPageOfItsOwn() {
        asAdmin()
                .body(Map.of("features", List.of("teams-read", "groups")))
                .patch(registrationPath(""))
                .then()
                .statusCode(200);
        FormBrowser browser = FormBrowser.create();
        Page needs = browser.submit(
                browser.open(loginUrl(ben, Seed.BEN)), Map.of("login", Seed.BEN, "passwd", Seed.PASSWORD));
        Page page = browser.submit(needs, Map.of("consent", "cancel"));

        assertThat(page.body())
                .contains("data-m365-reason=\"admin-consent-needed\"")
                .contains("AADSTS90094");
        assertLogins(LoginFailed.TYPE);
    }

    @Test
    void throttlingAtTheLastStepIsToldWithWhenToComeBack() {
        Page told = failingAtTheCode(Map.of("status", 429, "retryAfter", 17));
        assertThat(told.status()).isEqualTo(503);
        assertThat(told.body())
                .contains("data-m365-reason=\"entra-unavailable\"")
                .contains("name=\"again\"");

        entra.noFaults();
        FormBrowser browser = FormBrowser.create();
        Page login = browser.open(loginUrl(ben, Seed.BEN));
        entra.tokenFault(Map.of("status", 429));
        Page untold = browser.signIn(login, Seed.BEN, Seed.PASSWORD);
        assertThat(untold.body()).contains("data-m365-reason=\"entra-unavailable\"");

        // Microsoft knows him already: trying again needs no page.
        entra.noFaults();
        assertThat(browser.submit(untold, Map.of()).body()).contains("data-m365-result=\"done\"");
    }

    @Test
    void anEntraThatAnswersTooLateOrWithAPageIsToldAndNothingIsKept() {
        for (Map<String, Object> fault : List.<Map<String, Object>>of(
                Map.of("delayMs", 6000), Map.of("status", 200, "html", true), Map.of("reset", true))) {
            Page page = failingAtTheCode(fault);
            assertThat(page.body()).as(fault.toString()).contains("data-m365-reason=\"entra-unavailable\"");
            entra.noFaults();
        }
        assertThat(state(ben)).isEqualTo("needs-login");
    }

    @Test
    void aProcessThatDiedWhileItRedeemedACodeDoesNotKeepTheAttempt() {
        FormBrowser browser = stoppingAtTheCode();
        Page callback = browser.signIn(browser.open(loginUrl(ben, Seed.BEN)), Seed.BEN, Seed.PASSWORD);
        String state = callback.parameters().get("state");
        String url = callback.uri().toString();
        // Another replica took the callback just now, and died before Entra heard of it.
        taken(state, Duration.ofSeconds(1));
        Page busy = browser.open(url);
        assertThat(busy.status()).isEqualTo(409);
        assertThat(busy.body()).contains("http-equiv=\"refresh\"");

        taken(state, Duration.ofMinutes(1));
        assertThat(browser.open(url).body()).contains("data-m365-result=\"done\"");

        // It died after Entra had answered: the code is used (AADSTS54005), but he can go on at once.
        taken(state, Duration.ofMinutes(1));
        Page interrupted = browser.open(url);
        assertThat(interrupted.body())
                .contains("data-m365-reason=\"interrupted\"")
                .contains("name=\"again\"");
        FormBrowser next = browser;
        Page again = next.submit(interrupted, Map.of());
        assertThat(next.open(again.uri().toString()).body()).contains("data-m365-result=\"done\"");
    }

    @Test
    void whoClosesTheWindowIsEndedAndThePortalIsToldOnce() {
        FormBrowser.create().open(loginUrl(ben, Seed.BEN));
        Instant longAgo = clock().instant().minus(Duration.ofDays(1));
        QuarkusTransaction.requiringNew()
                .run(() -> attempts.update(
                        "expiresAt = ?1 where accountId in (select id from Account where portalId = ?2)",
                        longAgo,
                        portal.value()));

        logins.endAbandoned();
        logins.endAbandoned();

        assertLogins(LoginFailed.TYPE);
        assertThat(events(Topics.logins(portal), ben.value())
                        .get(0)
                        .data()
                        .path("reason")
                        .asText())
                .isEqualTo("attempt-expired");
    }

    @Test
    void aTicketOfOnePortalIsWorthNothingForAnother() {
        String url = loginUrl(ben, Seed.BEN);
        var first = portal;
        var firstKey = portalKey;
        freshNames();
        onboard();
        register();

        signIn(url, Seed.BEN);

        assertThat(state(ben)).isEqualTo("needs-login");
        asPortal()
                .get("/api/portals/" + first + "/registrations/" + REGISTRATION + "/logins/" + ben)
                .then()
                .statusCode(org.hamcrest.Matchers.in(List.of(401, 403, 404)));
        given().header("X-API-Key", firstKey)
                .get("/api/portals/" + first + "/registrations/" + REGISTRATION + "/logins/" + ben)
                .then()
                .body("state", org.hamcrest.Matchers.equalTo("ready"));
    }

    @Test
    void inTheRedirectWayTheRefusalIsReadBeforeGoingBack() {
        Map<String, Object> login = new HashMap<>(Map.of("portaluser", ben.value(), "upn", Seed.BEN));
        login.put("display", "redirect");
        login.put("returnUrl", "https://portal.example/app");
        String url = asPortal()
                .body(login)
                .post(registrationPath("/logins"))
                .then()
                .statusCode(201)
                .extract()
                .path("loginUrl");

        Page page = signIn(url, Seed.CLARA);

        assertThat(page.body())
                .contains("https://portal.example/app?m365login=failed&amp;m365reason=wrong-person")
                .contains("name=\"again\"");
    }

    private static FormBrowser stoppingAtTheCode() {
        return FormBrowser.stoppingAt(uri ->
                uri.getPath().equals("/oauth2/callback") && uri.getRawQuery().matches("(.*&)?code=.*"));
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private Page failingAtTheCode(Map<String, Object> fault) {
        FormBrowser browser = FormBrowser.create();
        Page login = browser.open(loginUrl(ben, Seed.BEN));
        entra.tokenFault(fault);
        return browser.signIn(login, Seed.BEN, Seed.PASSWORD);
    }

    private void taken(String state, Duration ago) {
        QuarkusTransaction.requiringNew().run(() -> {
            Attempt attempt = attempts.lookUpLocked(state).orElseThrow();
            attempt.take(clock().instant().minus(ago));
            attempt.outcome = null;
            attempt.finishedAt = null;
        });
    }

    private void assertLogins(String... types) {
        await().atMost(PATIENCE).until(() -> types(Topics.logins(portal), ben.value()), List.of(types)::equals);
    }
}
