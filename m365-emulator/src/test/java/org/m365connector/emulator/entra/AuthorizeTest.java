package org.m365connector.emulator.entra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.m365connector.emulator.entra.EntraClientOfTests.CALLBACK;
import static org.m365connector.emulator.entra.EntraClientOfTests.SCOPES;
import static org.m365connector.emulator.entra.EntraClientOfTests.authorization;
import static org.m365connector.emulator.entra.EntraClientOfTests.redemption;
import static org.m365connector.emulator.entra.EntraClientOfTests.with;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;
import org.m365connector.emulator.browser.FormBrowser.Page;

class AuthorizeTest {

    private static Emulator emulator;
    private static EntraClientOfTests entra;

    private FormBrowser browser;

    @BeforeAll
    static void start() {
        emulator = Emulator.start();
        entra = new EntraClientOfTests(emulator);
    }

    @AfterAll
    static void stop() {
        emulator.close();
    }

    @BeforeEach
    void reset() {
        emulator.reset();
        browser = entra.browser();
    }

    private Page open(Map<String, String> parameters) {
        return browser.open(entra.authorizeUrl(parameters));
    }

    private Page signedIn(String upn) {
        return browser.signIn(open(authorization()), upn, Seed.PASSWORD);
    }

    @Test
    void signInAndConsentLeadBackWithACode() {
        Page login = open(authorization());
        assertThat(login.body()).contains("name=\"login\"", "name=\"passwd\"");

        Page consent = browser.submit(login, Map.of("login", Seed.BEN, "passwd", Seed.PASSWORD));
        assertThat(consent.body())
                .contains("data-scope=\"Mail.ReadWrite\"", "data-scope=\"offline_access\"", Seed.APP_NAME);

        Page end = browser.submit(consent, Map.of("consent", "accept"));
        assertThat(end.uri().toString()).startsWith(CALLBACK + "?code=");
        assertThat(end.parameters()).containsEntry("state", "some state").containsKey("session_state");
    }

    @Test
    void consentIsAskedForOnlyOnce() {
        signedIn(Seed.BEN);

        Page again = open(authorization());

        assertThat(again.parameters()).containsKey("code");
    }

    @Test
    void moreScopesAskForConsentToThoseOnly() {
        signedIn(Seed.BEN);

        Page consent = open(with(authorization(), "scope", SCOPES + " Mail.Send"));

        assertThat(consent.body()).contains("data-scope=\"Mail.Send\"").doesNotContain("data-scope=\"Mail.ReadWrite\"");
    }

    @Test
    void wrongPasswordIsSaidOnThePageAndNotEchoed() {
        Page page = browser.submit(open(authorization()), Map.of("login", Seed.BEN, "passwd", "let me in"));

        assertThat(page.body()).contains("AADSTS50126", Seed.BEN).doesNotContain("let me in");
        assertThat(browser.signIn(page, Seed.BEN, Seed.PASSWORD).parameters()).containsKey("code");
    }

    @Test
    void unknownBlockedAndForeignAccountsAreRefusedOnThePage() {
        Page login = open(authorization());
        assertThat(browser.submit(login, Map.of("login", "eve@contoso.example", "passwd", "x"))
                        .body())
                .contains("AADSTS50034");

        entra.control("accounts/" + Seed.BEN, "{\"blocked\":true}");
        assertThat(browser.submit(login, Map.of("login", Seed.BEN, "passwd", Seed.PASSWORD))
                        .body())
                .contains("AADSTS50057");

        assertThat(browser.submit(login, Map.of("login", Seed.DORA, "passwd", Seed.PASSWORD))
                        .body())
                .contains("AADSTS50020", "live.com");
    }

    @Test
    void loginHintIsPrefilled() {
        assertThat(open(with(authorization(), "login_hint", Seed.CLARA)).body())
                .contains("value=\"" + Seed.CLARA + "\"");
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:8081/oauth2/Callback",
        "http://localhost:8081/oauth2/callback/",
        "http://localhost:8081/oauth2/callback?x=1",
        "https://localhost:8081/oauth2/callback",
        "http://localhost.evil.example:80/oauth2/callback"
    })
    void redirectUriMustMatchExactlyOrAPageSaysSo(String uri) {
        Page page = open(with(authorization(), "redirect_uri", uri));

        assertThat(page.status()).isEqualTo(400);
        assertThat(page.body()).contains("AADSTS50011");
    }

    @Test
    void unknownAppAndTenantAreAPageToo() {
        assertThat(open(with(authorization(), "client_id", "00000000-1111-2222-3333-444444444444"))
                        .body())
                .contains("AADSTS700016");
        assertThat(browser.open(entra.authorizeUrl("nosuch.example", authorization()))
                        .body())
                .contains("AADSTS90002: Tenant &#39;nosuch.example&#39; not found.");
        assertThat(browser.open(entra.authorizeUrl("nosuch", authorization())).body())
                .contains("AADSTS900023");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "response_type, token, unsupported_response_type, AADSTS70005",
                "response_type, code id_token, unsupported_response_type, AADSTS700054",
                "response_type, -, invalid_request, AADSTS900144",
                "response_mode, carrier_pigeon, invalid_request, AADSTS70007",
                "scope, -, invalid_request, AADSTS900144",
                "scope, openid Mail.Reed, invalid_client, AADSTS650053",
                "scope, https://nosuch.example/read, invalid_resource, AADSTS500011",
                "scope, User.Read https://graph.microsoft.com/.default, invalid_scope, AADSTS70011",
                "prompt, please, invalid_request, AADSTS90023",
                "code_challenge, tooshort, invalid_request, AADSTS501491",
                "code_challenge_method, S512, invalid_request, AADSTS50149",
                "claims, {, invalid_request, AADSTS9002313"
            })
    void otherMistakesGoToTheRedirectUri(String parameter, String value, String error, String number) {
        Page page = open(with(authorization(), parameter, value));

        assertThat(page.uri().toString()).startsWith(CALLBACK);
        assertThat(page.parameters()).containsEntry("error", error).containsEntry("state", "some state");
        assertThat(page.parameters().get("error_description"))
                .startsWith(number + ": ")
                .contains("\r\nTrace ID: ", "\r\nCorrelation ID: ", "\r\nTimestamp: ");
    }

    @Test
    void responseModesPutTheCodeWhereTheySay() {
        signedIn(Seed.BEN);

        assertThat(open(with(authorization(), "response_mode", "fragment"))
                        .uri()
                        .toString())
                .startsWith(CALLBACK + "#code=");
        Page form = open(with(authorization(), "response_mode", "form_post"));
        assertThat(form.body())
                .contains("<form method=\"POST\" name=\"hiddenform\" action=\"" + CALLBACK + "\">", "name=\"code\"")
                .contains("name=\"state\" value=\"some state\"");
    }

    @Test
    void promptNoneAnswersWithoutAPage() {
        Map<String, String> silent = with(authorization(), "prompt", "none");
        assertThat(open(silent).parameters()).containsEntry("error", "login_required");

        signedIn(Seed.BEN);
        assertThat(open(silent).parameters()).containsKey("code");
        assertThat(open(with(silent, "login_hint", "BEN@contoso.example")).parameters())
                .containsKey("code");
        assertThat(open(with(silent, "login_hint", Seed.ADA)).parameters()).containsEntry("error", "login_required");
        assertThat(open(with(silent, "scope", SCOPES + " Mail.Send")).parameters())
                .containsEntry("error", "consent_required");
    }

    @Test
    void promptNoneFailsWithSeveralAccountsUnlessOneIsHinted() {
        signedIn(Seed.BEN);
        browser.signIn(open(with(authorization(), "prompt", "login")), Seed.CLARA, Seed.PASSWORD);
        Map<String, String> silent = with(authorization(), "prompt", "none");

        Page several = open(silent);

        assertThat(several.parameters()).containsEntry("error", "interaction_required");
        assertThat(several.parameters().get("error_description")).startsWith("AADSTS16000");
        assertThat(open(with(silent, "login_hint", Seed.BEN)).parameters()).containsKey("code");
    }

    @Test
    void promptsShowTheirPages() {
        signedIn(Seed.BEN);

        assertThat(open(with(authorization(), "prompt", "login")).body()).contains("name=\"passwd\"");
        assertThat(open(with(authorization(), "prompt", "consent")).body()).contains("name=\"consent\"");
        Page pick = open(with(authorization(), "prompt", "select_account"));
        assertThat(pick.body()).contains("name=\"account\" value=\"" + Seed.BEN_OID + "\"");
        assertThat(browser.submit(pick, Map.of("account", "other")).body()).contains("name=\"passwd\"");
        assertThat(browser.submit(pick, Map.of("account", Seed.BEN_OID)).parameters())
                .containsKey("code");
    }

    @Test
    void cancellingAndDecliningAreDenied() {
        Page cancelled = browser.submit(open(authorization()), Map.of("cancel", "cancel"));
        assertThat(cancelled.parameters())
                .containsEntry("error", "access_denied")
                .containsEntry("error_description", "the user canceled the authentication");

        Page consent = browser.submit(open(authorization()), Map.of("login", Seed.BEN, "passwd", Seed.PASSWORD));
        Page declined = browser.submit(consent, Map.of("consent", "cancel"));
        assertThat(declined.parameters()).containsEntry("error", "access_denied");
        assertThat(declined.parameters().get("error_description")).startsWith("AADSTS65004");
    }

    @Test
    void adminScopesNeedAnAdministratorUnlessTheTenantConsented() {
        Map<String, String> admin = with(authorization(), "scope", SCOPES + " Group.Read.All");
        Page stuck = browser.submit(open(admin), Map.of("login", Seed.BEN, "passwd", Seed.PASSWORD));
        assertThat(stuck.body()).contains("Need admin approval", "AADSTS90094");
        assertThat(browser.submit(stuck, Map.of("consent", "accept")).body()).contains("AADSTS90094");
        Page back = browser.submit(stuck, Map.of("consent", "cancel"));
        assertThat(back.parameters()).containsEntry("error", "access_denied");

        assertThat(open(with(admin, "prompt", "none")).parameters()).containsEntry("error", "consent_required");

        Page tenantWide = open(with(authorization(), "scope", SCOPES + " ChannelMessage.Read.All"));
        assertThat(browser.submit(tenantWide, Map.of("consent", "accept")).parameters())
                .containsKey("code");
        FormBrowser adas = entra.browser();
        assertThat(adas.signIn(adas.open(entra.authorizeUrl(admin)), Seed.ADA, Seed.PASSWORD)
                        .parameters())
                .containsKey("code");
    }

    @Test
    void personalAccountsComeOverCommonOrConsumersIfTheAppAllows() {
        Map<String, String> personal =
                with(authorization(), "scope", "openid profile offline_access User.Read Mail.Read");
        Page login = browser.open(entra.authorizeUrl("common", personal));
        assertThat(browser.signIn(login, Seed.DORA, Seed.PASSWORD).parameters()).containsKey("code");

        Page teams = browser.open(entra.authorizeUrl("consumers", with(personal, "scope", "ChannelMessage.Send")));
        assertThat(teams.parameters()).containsEntry("error", "invalid_scope");

        entra.control("apps/" + Seed.CLIENT_ID, "{\"signInAudience\":\"AzureADMyOrg\"}");
        Page common = browser.open(entra.authorizeUrl("common", personal));
        assertThat(common.parameters().get("error_description")).startsWith("AADSTS50194");
        Page consumers = browser.open(entra.authorizeUrl("consumers", personal));
        assertThat(consumers.parameters().get("error_description")).startsWith("AADSTS9002332");
    }

    @Test
    void secondFactorIsAskedForWhereThePolicyWantsIt() {
        entra.control("accounts/" + Seed.BEN, "{\"mfaRequired\":true}");
        Page factor = browser.submit(open(authorization()), Map.of("login", Seed.BEN, "passwd", Seed.PASSWORD));
        assertThat(factor.body()).contains("name=\"otc\"");
        assertThat(browser.submit(factor, Map.of("otc", "000000")).body()).contains("name=\"otc\"");

        Page consent = browser.submit(factor, Map.of("otc", Seed.SECOND_FACTOR));

        assertThat(browser.submit(consent, Map.of("consent", "accept")).parameters())
                .containsKey("code");
    }

    @Test
    void aSessionWithoutTheSecondFactorIsNotEnoughForASilentSignIn() {
        signedIn(Seed.BEN);
        entra.control("accounts/" + Seed.BEN, "{\"mfaRequired\":true}");

        Page silent = open(with(authorization(), "prompt", "none"));

        assertThat(silent.parameters())
                .containsEntry("error", "interaction_required")
                .containsKey("claims");
    }

    @Test
    void revocationEndsTheSession() {
        signedIn(Seed.BEN);
        entra.control("accounts/" + Seed.BEN, "{\"revoke\":true}");

        Page silent = open(with(authorization(), "prompt", "none", "login_hint", Seed.BEN));

        assertThat(silent.parameters()).containsEntry("error", "login_required");
    }

    @Test
    void signInPagesGoStale() {
        Page login = open(authorization());
        emulator.advance(Duration.ofMinutes(11));

        Page stale = browser.submit(login, Map.of("login", Seed.BEN, "passwd", Seed.PASSWORD));

        assertThat(stale.body()).contains("AADSTS50089");
    }

    @Test
    void aRenamedAccountSignsInUnderItsNewNameWithTheSameId() {
        entra.control("accounts/" + Seed.BEN, "{\"renamedTo\":\"benjamin@contoso.example\"}");
        Page end = signedIn("benjamin@contoso.example");

        var answer = entra.token(redemption(end.parameters().get("code")));

        var claims = EntraClientOfTests.claims(answer.text("id_token"));
        assertThat(claims.path("oid").asText()).isEqualTo(Seed.BEN_OID);
        assertThat(claims.path("preferred_username").asText()).isEqualTo("benjamin@contoso.example");
    }
}
