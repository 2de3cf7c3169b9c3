package org.m365connector.auth.login;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.auth.permission.DelegatedScopes;
import org.m365connector.auth.permission.Feature;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;
import org.m365connector.emulator.browser.FormBrowser.Page;
import org.m365connector.events.LoginCompleted;
import org.m365connector.events.Topics;

/** Somebody has signed in; then something changes at Microsoft, or in what the registration needs. */
@QuarkusTest
class ChangedAccountIT extends AuthIT {

    /** A challenge that every token answers: it makes auth-service ask Entra now. */
    private static final String ANY = "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1726258122\"}}}";

    private FormBrowser browser;

    @BeforeEach
    void signedIn() {
        onboard();
        register(List.of("mail-read"));
        browser = FormBrowser.create();
        assertDone(browser.signIn(browser.open(loginUrl(ben, Seed.BEN)), Seed.BEN, Seed.PASSWORD));
    }

    // Claims challenges

    @Test
    void aChallengeOfGraphThatARefreshAnswersNeedsNobody() {
        String refused = renewed().statusCode(200).extract().path("accessToken");
        entra.account(Seed.BEN, Map.of("claimsDemanded", "refresh"));
        String claims = challenge(me(refused));

        String accepted = tokenWith(claims).statusCode(200).extract().path("accessToken");

        assertThat(me(accepted).statusCode()).isEqualTo(200);
        assertThat(token("user:" + ben).statusCode(200).extract().<String>path("accessToken"))
                .isEqualTo(accepted);
        assertThat(state(ben)).isEqualTo("ready");
    }

    @Test
    void aChallengeThatOnlyThePersonCanAnswerIsHandedToHisNextSignIn() {
        String refused = renewed().statusCode(200).extract().path("accessToken");
        entra.account(Seed.BEN, Map.of("claimsDemanded", "signIn"));
        String claims = challenge(me(refused));

        tokenWith(claims).statusCode(409).header("X-M365-Problem", "login-required");
        assertThat(state(ben)).isEqualTo("needs-login");

        String url = loginUrl(ben, Seed.BEN);
        Page page = browser.open(url);
        // He has a session, and has to sign in all the same: the claims went along, silently first.
        assertThat(page.body()).contains("name=\"passwd\"");
        assertThat(page.parameters()).containsEntry("claims", claims);
        assertDone(browser.signIn(page, Seed.BEN, Seed.PASSWORD));

        String accepted = token("user:" + ben).statusCode(200).extract().path("accessToken");
        assertThat(me(accepted).statusCode()).isEqualTo(200);
        assertThat(given().redirects()
                        .follow(false)
                        .get(loginUrl(ben, Seed.BEN))
                        .header("Location"))
                .doesNotContain("claims=");
    }

    // What happens to people

    @Test
    void whoNeedsASecondFactorNowIsAskedForItAtHisNextSignIn() {
        entra.account(Seed.BEN, Map.of("mfaRequired", true));

        renewed().statusCode(409).header("X-M365-Problem", "login-required");

        Page factor = browser.open(loginUrl(ben, Seed.BEN));
        assertThat(factor.body()).contains("name=\"otc\"");
        assertThat(factor.parameters().get("claims")).contains("polids");
        assertDone(browser.submit(factor, Map.of("otc", Seed.SECOND_FACTOR)));
        renewed().statusCode(200);
        assertLogins(LoginCompleted.TYPE, LoginCompleted.TYPE);
    }

    @Test
    void whoIsBlockedIsOutAndComesBackWhenHeIsAllowedAgain() {
        entra.account(Seed.BEN, Map.of("blocked", true));

        renewed().statusCode(409).header("X-M365-Problem", "login-required");
        assertThat(state(ben)).isEqualTo("needs-login");
        Page refused = browser.open(loginUrl(ben, Seed.BEN));
        assertThat(browser.signIn(refused, Seed.BEN, Seed.PASSWORD).body()).contains("AADSTS50057");

        entra.account(Seed.BEN, Map.of("blocked", false));
        assertDone(signIn(loginUrl(ben, Seed.BEN), Seed.BEN));
        renewed().statusCode(200);
    }

    @Test
    void whoChangesHisPasswordStaysUnlessAnAdministratorResetIt() {
        entra.account(Seed.BEN, Map.of("passwordChanged", "user", "password", "An0ther!"));
        renewed().statusCode(200);

        entra.account(Seed.BEN, Map.of("passwordChanged", "adminCenter"));
        renewed().statusCode(409).header("X-M365-Problem", "login-required");

        Page login = browser.open(loginUrl(ben, Seed.BEN));
        Page wrong = browser.submit(login, Map.of("login", Seed.BEN, "passwd", Seed.PASSWORD));
        assertThat(wrong.body()).contains("role=\"alert\"");
        assertDone(browser.signIn(wrong, Seed.BEN, "An0ther!"));
        renewed().statusCode(200);
    }

    @Test
    void whoWithdrawsHisConsentIsAskedForItAgain() {
        entra.account(Seed.BEN, Map.of("consentWithdrawn", true));

        renewed().statusCode(409).header("X-M365-Problem", "consent-required");
        asPortal()
                .get(registrationPath("/logins/" + ben))
                .then()
                .body("state", equalTo("needs-login"))
                .body("reason", equalTo("consent-required"));

        Page consent = browser.open(loginUrl(ben, Seed.BEN));
        assertThat(consent.body()).contains("name=\"consent\"").doesNotContain("name=\"passwd\"");
        assertDone(browser.submit(consent, Map.of("consent", "accept")));
        renewed().statusCode(200);
    }

    @Test
    void whoIsRenamedGoesOnWithoutSigningIn() {
        entra.account(Seed.BEN, Map.of("renamedTo", "benjamin@contoso.example"));

        String accessToken = renewed().statusCode(200).extract().path("accessToken");

        assertThat(me(accessToken).<String>path("userPrincipalName")).isEqualTo("benjamin@contoso.example");
    }

    // What the registration needs

    @Test
    void aFeatureThatIsAddedTakesNothingAwayAndTheNextSignInAsksForItAlone() {
        Set<String> before =
                Set.of(DelegatedScopes.of(List.of(Feature.MAIL_READ)).split(" ", -1));
        asAdmin()
                .body(Map.of("features", List.of("mail-read", "calendar")))
                .patch(registrationPath(""))
                .then()
                .statusCode(200);

        // Nobody has consented to the calendar yet: the mail goes on.
        String old = renewed().statusCode(200).extract().path("accessToken");
        assertThat(scopes(old)).contains("Mail.Read").doesNotContain("Calendars.ReadWrite");
        assertThat(given().header("Authorization", "Bearer " + old)
                        .get(entra.base() + "/v1.0/me/messages")
                        .statusCode())
                .isEqualTo(200);
        assertThat(state(ben)).isEqualTo("ready");

        Page consent = browser.open(loginUrl(ben, Seed.BEN));
        assertThat(asked(consent)).isNotEmpty().doesNotContainAnyElementsOf(before);
        assertDone(browser.submit(consent, Map.of("consent", "accept")));
        String wider = token("user:" + ben).statusCode(200).extract().path("accessToken");
        assertThat(scopes(wider)).contains("Mail.Read").containsAll(asked(consent));
    }

    @Test
    void theFirstSignInAsksForWhatTheFeaturesNeedAndNoMore() {
        FormBrowser claras = FormBrowser.create();
        Page login = claras.open(loginUrl(ada, Seed.CLARA));
        Page consent = claras.submit(login, Map.of("login", Seed.CLARA, "passwd", Seed.PASSWORD));

        assertThat(asked(consent))
                .containsExactlyInAnyOrder(
                        DelegatedScopes.of(List.of(Feature.MAIL_READ)).split(" ", -1));
    }

    private ValidatableResponse renewed() {
        return tokenWith(ANY);
    }

    private ValidatableResponse tokenWith(String claims) {
        Map<String, Object> question =
                new HashMap<>(Map.of("portal", portal.value(), "registration", REGISTRATION, "account", "user:" + ben));
        question.put("claims", claims);
        return token(question);
    }

    private Response me(String accessToken) {
        return given().header("Authorization", "Bearer " + accessToken).get(entra.base() + "/v1.0/me");
    }

    /** What a proxy reads out of Graph's refusal. */
    private static String challenge(Response refusal) {
        assertThat(refusal.statusCode()).isEqualTo(401);
        Matcher claims = Pattern.compile("error=\"insufficient_claims\", claims=\"([^\"]+)\"")
                .matcher(refusal.header("WWW-Authenticate"));
        assertThat(claims.find()).isTrue();
        return new String(Base64.getDecoder().decode(claims.group(1)), StandardCharsets.UTF_8);
    }

    private static Set<String> scopes(String accessToken) {
        String payload =
                new String(Base64.getUrlDecoder().decode(accessToken.split("\\.", -1)[1]), StandardCharsets.UTF_8);
        Matcher scopes = Pattern.compile("\"scp\":\"([^\"]+)\"").matcher(payload);
        assertThat(scopes.find()).isTrue();
        return Set.of(scopes.group(1).split(" ", -1));
    }

    /** What a consent page names. */
    private static Set<String> asked(Page consent) {
        return Pattern.compile("data-scope=\"([^\"]+)\"")
                .matcher(consent.body())
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
    }

    private static void assertDone(Page page) {
        assertThat(page.body()).contains("data-m365-result=\"done\"");
    }

    private void assertLogins(String... types) {
        await().atMost(PATIENCE).until(() -> types(Topics.logins(portal), ben.value()), List.of(types)::equals);
    }
}
