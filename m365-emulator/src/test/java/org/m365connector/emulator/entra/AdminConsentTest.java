package org.m365connector.emulator.entra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.m365connector.emulator.entra.EntraClientOfTests.CALLBACK;
import static org.m365connector.emulator.entra.EntraClientOfTests.appOnly;
import static org.m365connector.emulator.entra.EntraClientOfTests.authorization;
import static org.m365connector.emulator.entra.EntraClientOfTests.claims;
import static org.m365connector.emulator.entra.EntraClientOfTests.redemption;
import static org.m365connector.emulator.entra.EntraClientOfTests.values;
import static org.m365connector.emulator.entra.EntraClientOfTests.with;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;
import org.m365connector.emulator.browser.FormBrowser.Page;
import org.m365connector.emulator.entra.EntraClientOfTests.Answer;

/** An administrator registers an app and consents for everybody. */
class AdminConsentTest {

    private static Emulator emulator;
    private static EntraClientOfTests entra;

    private FormBrowser browser;
    private String clientId;

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
    void register() {
        emulator.reset();
        browser = entra.browser();
        clientId = registered("""
                {"name":"Portal of tests","redirectUris":["%s"],"secrets":["s3cret"],
                 "permissions":{"delegated":["User.Read","Group.Read.All"],"application":["Mail.Send","User.Read.All"]}}""".formatted(CALLBACK)).text("clientId");
    }

    private static Answer registered(String body) {
        return entra.post("/_emulator/apps", body, "application/json");
    }

    private Page open(String endpoint, String... more) {
        Map<String, String> parameters =
                with(values("client_id", clientId, "redirect_uri", CALLBACK, "state", "12 34"), more);
        return browser.open(
                emulator.httpBase() + "/" + Seed.TENANT_ID + endpoint + "?" + EntraClientOfTests.form(parameters));
    }

    private Page openNew(String scope) {
        return open("/v2.0/adminconsent", "scope", scope);
    }

    private Page login(Page page, String upn) {
        return browser.submit(page, Map.of("login", upn, "passwd", Seed.PASSWORD));
    }

    private JsonNode appToken() {
        Answer answer = entra.token(with(appOnly(), "client_id", clientId, "client_secret", "s3cret"));
        assertThat(answer.status()).isEqualTo(200);
        return claims(answer.text("access_token"));
    }

    @Test
    void aRegistrationHasANameATenantAClientIdAndNoGrantsYet() {
        Answer app = registered("{\"name\":\"Another\",\"signInAudience\":\"AzureADMultipleOrgs\"}");

        assertThat(app.status()).isEqualTo(201);
        assertThat(app.text("displayName")).isEqualTo("Another");
        assertThat(app.text("tenantId")).isEqualTo(Seed.TENANT_ID);
        assertThat(app.text("clientId")).matches("[0-9a-f-]{36}").isNotEqualTo(clientId);
        assertThat(app.json().path("grants")).isEmpty();
        assertThat(app.json().path("delegatedGrants")).isEmpty();
        assertThat(appToken().has("roles")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"name\":\"x\",\"permissions\":{\"delegated\":[\"Mail.Reed\"]}}",
                "{\"name\":\"x\",\"permissions\":{\"application\":[\"User.Read\"]}}",
                "{\"name\":\"x\",\"colour\":\"red\"}"
            })
    void aRegistrationThatMakesNoSenseIsRefused(String body) {
        assertThat(registered(body).status()).isEqualTo(400);
    }

    @Test
    void everythingListedIsGrantedForEverybodyAndShowsInTheTokens() {
        Page question = login(openNew("https://graph.microsoft.com/.default"), Seed.ADA);
        assertThat(question.body())
                .contains("data-scope=\"Group.Read.All\"", "data-scope=\"Mail.Send (application)\"", "Portal of tests");

        Page end = browser.submit(question, Map.of("consent", "accept"));

        assertThat(end.uri().toString()).startsWith(CALLBACK + "?");
        assertThat(end.parameters())
                .containsOnlyKeys("admin_consent", "tenant", "scope", "state")
                .containsEntry("admin_consent", "True")
                .containsEntry("tenant", Seed.TENANT_ID)
                .containsEntry("scope", "https://graph.microsoft.com/.default")
                .containsEntry("state", "12 34");
        assertThat(appToken().path("roles").toString()).isEqualTo("[\"Mail.Send\",\"User.Read.All\"]");

        Map<String, String> bens =
                with(authorization(), "client_id", clientId, "scope", "openid offline_access User.Read Group.Read.All");
        FormBrowser other = entra.browser();
        Page back = other.signIn(other.open(entra.authorizeUrl(bens)), Seed.BEN, Seed.PASSWORD);
        Answer tokens = entra.token(
                with(redemption(back.parameters().get("code")), "client_id", clientId, "client_secret", "s3cret"));
        assertThat(tokens.text("scope")).contains("Group.Read.All", "User.Read");
    }

    @Test
    void singleScopesAreGrantedAloneAndWithoutTheApplicationsPermissions() {
        Page question =
                login(openNew("https://graph.microsoft.com/Mail.Read https://graph.microsoft.com/User.Read"), Seed.ADA);
        Page end = browser.submit(question, Map.of("consent", "accept"));

        assertThat(end.parameters().get("scope"))
                .isEqualTo("https://graph.microsoft.com/Mail.Read https://graph.microsoft.com/User.Read");
        Answer app = entra.get("/_emulator/apps/" + clientId);
        assertThat(app.json().path("delegatedGrants").toString()).isEqualTo("[\"Mail.Read\",\"User.Read\"]");
        assertThat(appToken().has("roles")).isFalse();
    }

    @Test
    void theOlderEndpointNeedsNoScopeAndAnswersWithoutOne() {
        Page end = browser.submit(login(open("/adminconsent"), Seed.ADA), Map.of("consent", "accept"));

        assertThat(end.parameters())
                .containsOnlyKeys("admin_consent", "tenant", "state")
                .containsEntry("state", "12 34");
        assertThat(appToken().path("roles")).hasSize(2);
    }

    @Test
    void theApplicationsPermissionsShowInItsTokensOnlyOnceTheConsentHasBeenReplicated() {
        Answer app =
                entra.post("/_emulator/apps/" + clientId, "{\"consentVisibleAfterSeconds\":90}", "application/json");
        assertThat(app.json().path("consentVisibleAfterSeconds").asInt()).isEqualTo(90);
        browser.submit(login(openNew("https://graph.microsoft.com/.default"), Seed.ADA), Map.of("consent", "accept"));

        assertThat(appToken().has("roles")).isFalse();
        emulator.advance(Duration.ofSeconds(91));
        assertThat(appToken().path("roles")).hasSize(2);

        // What had been visible stays so when more is consented to
        entra.post("/_emulator/apps/" + clientId, """
                {"permissions":{"application":["Mail.Send","User.Read.All","Team.ReadBasic.All"]}}""", "application/json");
        browser.submit(openNew("https://graph.microsoft.com/.default"), Map.of("consent", "accept"));
        assertThat(appToken().path("roles").toString()).isEqualTo("[\"Mail.Send\",\"User.Read.All\"]");
        emulator.advance(Duration.ofSeconds(91));
        assertThat(appToken().path("roles")).hasSize(3);
    }

    @Test
    void whoCancelsGrantsNothing() {
        Page cancelled = browser.submit(
                login(openNew("https://graph.microsoft.com/.default"), Seed.ADA), Map.of("consent", "cancel"));
        assertThat(cancelled.parameters())
                .containsOnlyKeys("error", "error_description", "admin_consent", "state")
                .containsEntry("error", "consent_required")
                .containsEntry("admin_consent", "True");
        assertThat(cancelled.parameters().get("error_description")).startsWith("AADSTS65004");

        Page older = browser.submit(open("/adminconsent"), Map.of("consent", "cancel"));
        assertThat(older.parameters())
                .containsOnlyKeys("error", "error_description")
                .containsEntry("error", "permission_denied")
                .containsEntry("error_description", "The admin canceled the request");
        assertThat(appToken().has("roles")).isFalse();
    }

    @Test
    void whoIsNoAdministratorIsToldSoAndCannotAccept() {
        Page refusal = login(openNew("https://graph.microsoft.com/.default"), Seed.BEN);
        assertThat(refusal.body())
                .contains("Need admin approval", "AADSTS90094")
                .doesNotContain("value=\"accept\"");

        assertThat(browser.submit(refusal, Map.of("consent", "accept")).body()).contains("AADSTS90094");
        Page back = browser.submit(refusal, Map.of("consent", "cancel"));

        assertThat(back.parameters()).containsEntry("error", "access_denied").containsEntry("state", "12 34");
        assertThat(appToken().has("roles")).isFalse();
    }

    @Test
    void mistakesOfTheRequestAreAPageAndNoRedirect() {
        assertThat(open("/v2.0/adminconsent").body()).contains("AADSTS900144");
        assertThat(open("/adminconsent", "redirect_uri", CALLBACK + "/other").body())
                .contains("AADSTS50011");
        assertThat(open("/adminconsent", "client_id", "11111111-2222-4333-8444-555555555555")
                        .body())
                .contains("AADSTS700016");
        assertThat(browser.open(emulator.httpBase() + "/consumers/adminconsent?client_id=" + clientId)
                        .body())
                .contains("AADSTS90124");
    }
}
