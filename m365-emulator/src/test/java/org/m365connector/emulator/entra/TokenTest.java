package org.m365connector.emulator.entra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.m365connector.emulator.entra.EntraClientOfTests.appOnly;
import static org.m365connector.emulator.entra.EntraClientOfTests.authorization;
import static org.m365connector.emulator.entra.EntraClientOfTests.claims;
import static org.m365connector.emulator.entra.EntraClientOfTests.redemption;
import static org.m365connector.emulator.entra.EntraClientOfTests.refreshing;
import static org.m365connector.emulator.entra.EntraClientOfTests.values;
import static org.m365connector.emulator.entra.EntraClientOfTests.with;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.EmulatorOptions;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;
import org.m365connector.emulator.entra.EntraClientOfTests.Answer;

class TokenTest {

    private static final Pattern TIMESTAMP = Pattern.compile("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ");

    private static Emulator emulator;
    private static EntraClientOfTests entra;

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
    }

    private static void assertError(Answer answer, int status, String error, int number) {
        assertThat(answer.text("error_description")).startsWith("AADSTS" + number + ": ");
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.text("error")).isEqualTo(error);
        assertThat(answer.json().path("error_codes")).hasSize(1);
        assertThat(answer.json().path("error_codes").get(0).asInt()).isEqualTo(number);
    }

    @Test
    void anErrorHasAllItsMembers() {
        Answer answer = entra.token(
                with(appOnly(), "client_secret", "wrong"),
                "client-request-id",
                "c0441d5a-1111-4222-8333-444455556666",
                "return-client-request-id",
                "true");

        assertThat(answer.json().fieldNames())
                .toIterable()
                .containsExactly(
                        "error",
                        "error_description",
                        "error_codes",
                        "timestamp",
                        "trace_id",
                        "correlation_id",
                        "error_uri");
        String timestamp = answer.text("timestamp");
        assertThat(timestamp).matches(TIMESTAMP);
        assertThat(answer.text("error_description"))
                .isEqualTo(
                        "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the"
                                + " client secret value, not the client secret ID, for a secret added to app '"
                                + Seed.CLIENT_ID + "'.\r\nTrace ID: " + answer.text("trace_id")
                                + "\r\nCorrelation ID: c0441d5a-1111-4222-8333-444455556666\r\nTimestamp: "
                                + timestamp);
        assertThat(answer.text("correlation_id")).isEqualTo("c0441d5a-1111-4222-8333-444455556666");
        assertThat(answer.text("error_uri")).endsWith("/error?code=7000215");
        assertThat(answer.raw().headers().firstValue("x-ms-request-id")).contains(answer.text("trace_id"));
        assertThat(answer.raw().headers().firstValue("client-request-id"))
                .contains("c0441d5a-1111-4222-8333-444455556666");
        assertThat(answer.raw().headers().firstValue("Cache-Control")).contains("no-store, no-cache");
    }

    // Authorization code

    @Test
    void aCodeGivesTokensAndAllThatWasConsentedTo() {
        Answer answer =
                entra.token(with(redemption(entra.code(Seed.BEN)), "scope", "mail.readwrite", "client_info", "1"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text("token_type")).isEqualTo("Bearer");
        assertThat(answer.json().path("expires_in").isIntegralNumber()).isTrue();
        assertThat(answer.json().path("expires_in").asInt()).isBetween(3600, 5400);
        assertThat(answer.json().path("ext_expires_in").asInt()).isPositive();
        assertThat(answer.text("scope"))
                .isEqualTo("Mail.ReadWrite ChannelMessage.Read.All User.Read openid profile email");
        assertThat(answer.text("refresh_token")).hasSizeGreaterThan(1000);
        assertThat(new String(Base64.getUrlDecoder().decode(answer.text("client_info")), StandardCharsets.UTF_8))
                .isEqualTo("{\"uid\":\"" + Seed.BEN_OID + "\",\"utid\":\"" + Seed.TENANT_ID + "\"}");
    }

    @Test
    void theIdTokenIsV2AndTheGraphTokenV1() {
        Answer answer = entra.signedIn(Seed.BEN);

        JsonNode id = claims(answer.text("id_token"));
        assertThat(id.path("iss").asText()).isEqualTo(emulator.httpBase() + "/" + Seed.TENANT_ID + "/v2.0");
        assertThat(id.path("aud").asText()).isEqualTo(Seed.CLIENT_ID);
        assertThat(id.path("oid").asText()).isEqualTo(Seed.BEN_OID);
        assertThat(id.path("tid").asText()).isEqualTo(Seed.TENANT_ID);
        assertThat(id.path("nonce").asText()).isEqualTo("n-1");
        assertThat(id.path("preferred_username").asText()).isEqualTo(Seed.BEN);
        assertThat(id.path("ver").asText()).isEqualTo("2.0");

        JsonNode access = claims(answer.text("access_token"));
        assertThat(access.path("iss").asText()).isEqualTo("https://sts.windows.net/" + Seed.TENANT_ID + "/");
        assertThat(access.path("aud").asText()).isEqualTo("https://graph.microsoft.com");
        assertThat(access.path("appid").asText()).isEqualTo(Seed.CLIENT_ID);
        assertThat(access.path("idtyp").asText()).isEqualTo("user");
        assertThat(access.path("upn").asText()).isEqualTo(Seed.BEN);
        assertThat(access.path("ver").asText()).isEqualTo("1.0");
        assertThat(access.path("scp").asText().split(" ", -1)).contains("Mail.ReadWrite", "User.Read");
        assertThat(access.has("roles")).isFalse();
    }

    @Test
    void aCodeIsGoodOnce() {
        String code = entra.code(Seed.BEN);
        assertThat(entra.token(redemption(code)).status()).isEqualTo(200);

        assertError(entra.token(redemption(code)), 400, "invalid_grant", 54005);
    }

    @Test
    void aCodeIsGoodForTenMinutes() {
        String code = entra.code(Seed.BEN);
        emulator.advance(Duration.ofMinutes(10));

        assertError(entra.token(redemption(code)), 400, "invalid_grant", 70008);
    }

    @Test
    void aCodeIsBoundToTenantRedirectAppAndProofKey() {
        Map<String, String> right = redemption(entra.code(Seed.BEN));

        assertError(entra.tokenAt("common", right), 400, "invalid_grant", 700005);
        assertError(
                entra.token(with(right, "redirect_uri", "http://localhost:8082/oauth2/callback")),
                401,
                "invalid_client",
                500112);
        assertError(entra.token(with(right, "code_verifier", "x".repeat(43))), 400, "invalid_grant", 501481);
        assertError(entra.token(with(right, "code_verifier", null)), 400, "invalid_grant", 501481);
        assertError(entra.token(with(right, "code", "1.Anonsense")), 400, "invalid_grant", 70000);
        entra.control("apps/other", "{\"create\":true,\"secrets\":[\"s\"]}");
        assertError(entra.token(with(right, "client_id", "other", "client_secret", "s")), 400, "invalid_grant", 70000);
        // The domain is the same tenant as its id, and none of the attempts has used the code up.
        assertThat(entra.tokenAt(Seed.DOMAIN, right).status()).isEqualTo(200);
    }

    @Test
    void aProofKeyMayBePlainAndMustNotComeUnannounced() {
        FormBrowser browser = entra.browser();
        String plain = EntraClientOfTests.VERIFIER;
        Map<String, String> asPlain = with(authorization(), "code_challenge", plain, "code_challenge_method", null);
        String code = browser.signIn(browser.open(entra.authorizeUrl(asPlain)), Seed.BEN, Seed.PASSWORD)
                .parameters()
                .get("code");
        assertThat(entra.token(redemption(code)).status()).isEqualTo(200);

        Map<String, String> without = with(authorization(), "code_challenge", null, "code_challenge_method", null);
        String unprotected =
                browser.open(entra.authorizeUrl(without)).parameters().get("code");
        assertError(entra.token(redemption(unprotected)), 400, "invalid_grant", 501481);
        assertThat(entra.token(with(redemption(unprotected), "code_verifier", null))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void withoutOfflineAccessOrOpenidThereIsNoRefreshOrIdToken() {
        FormBrowser browser = entra.browser();
        Map<String, String> few = with(authorization(), "scope", "User.Read");
        String code = browser.signIn(browser.open(entra.authorizeUrl(few)), Seed.BEN, Seed.PASSWORD)
                .parameters()
                .get("code");

        Answer answer = entra.token(redemption(code));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().has("refresh_token")).isFalse();
        assertThat(answer.json().has("id_token")).isFalse();
    }

    // Client authentication

    @Test
    void theSecretMayComeByBasicAuthenticationFormEncoded() {
        entra.control("apps/" + Seed.CLIENT_ID, "{\"secrets\":[\"a+b%c:d~\"]}");
        String pair = Seed.CLIENT_ID + ":" + URLEncoder.encode("a+b%c:d~", StandardCharsets.UTF_8);
        String basic = "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
        Map<String, String> form = with(appOnly(), "client_id", null, "client_secret", null);

        assertThat(entra.token(form, "Authorization", basic).status()).isEqualTo(200);
        assertError(
                entra.token(with(form, "client_secret", "a+b%c:d~"), "Authorization", basic),
                400,
                "invalid_request",
                9002313);
    }

    @Test
    void secretsAreWrongExpiredMissingOrRolledOver() {
        assertError(entra.token(with(appOnly(), "client_secret", "wrong")), 401, "invalid_client", 7000215);
        Map<String, String> unknownToken = EntraClientOfTests.refreshing("no-such-token");
        assertError(entra.token(with(unknownToken, "client_secret", "wrong")), 401, "invalid_client", 7000215);
        assertError(entra.token(with(appOnly(), "client_secret", null)), 401, "invalid_client", 7000218);
        assertError(
                entra.token(with(appOnly(), "client_secret", null, "client_assertion", "a.b.c")),
                400,
                "invalid_request",
                900144);
        String app = "apps/" + Seed.CLIENT_ID;
        entra.control(app, "{\"secretExpired\":true}");
        assertError(entra.token(appOnly()), 401, "invalid_client", 7000222);
        entra.control(app, "{\"secretExpired\":false}");
        assertThat(entra.token(appOnly()).status()).isEqualTo(200);
        entra.control(app, "{\"secrets\":[\"emulator-secret\",\"next\"]}");
        assertThat(entra.token(with(appOnly(), "client_secret", "next")).status())
                .isEqualTo(200);
        assertThat(entra.token(appOnly()).status()).isEqualTo(200);
    }

    @Test
    void aRequestFromABrowserIsRefused() {
        Answer answer = entra.token(redemption(entra.code(Seed.BEN)), "Origin", "http://portal.example");

        assertError(answer, 400, "invalid_request", 9002326);
    }

    // The request itself

    @ParameterizedTest
    @CsvSource({"grant_type", "client_id", "scope"})
    void missingFieldsAreNamed(String field) {
        Answer answer = entra.token(with(appOnly(), field, null));

        assertError(answer, 400, "invalid_request", 900144);
        assertThat(answer.text("error_description")).contains("parameter: '" + field + "'.");
    }

    @Test
    void onlyPostedFormsAreRead() {
        Answer get = entra.get("/" + Seed.TENANT_ID + "/oauth2/v2.0/token");
        assertError(get, 400, "invalid_request", 900561);

        String path = "/" + Seed.TENANT_ID + "/oauth2/v2.0/token";
        String json = "{\"grant_type\":\"client_credentials\"}";
        assertError(entra.post(path, json, "application/json"), 400, "invalid_request", 900144);

        String twice = EntraClientOfTests.form(appOnly()) + "&scope=openid";
        assertError(entra.post(path, twice, "application/x-www-form-urlencoded"), 400, "invalid_request", 9000411);
    }

    @Test
    void unknownGrantsTenantsAppsAndTheOldResourceParameterAreRefused() {
        assertError(entra.token(with(appOnly(), "grant_type", "magic")), 400, "unsupported_grant_type", 70003);
        assertError(entra.tokenAt("nosuch.example", appOnly()), 400, "invalid_request", 90002);
        assertError(entra.token(with(appOnly(), "client_id", "nobody")), 400, "unauthorized_client", 700016);
        assertError(
                entra.token(with(appOnly(), "resource", "https://graph.microsoft.com")),
                400,
                "invalid_request",
                901002);
        entra.control("apps/" + Seed.CLIENT_ID, "{\"disabled\":true}");
        assertError(entra.token(appOnly()), 400, "unauthorized_client", 7000112);
    }

    // Client credentials

    @Test
    void theAppGetsItsRolesAndNothingElse() {
        Answer answer = entra.token(appOnly());

        assertThat(answer.json().fieldNames())
                .toIterable()
                .containsExactly("token_type", "expires_in", "ext_expires_in", "access_token");
        JsonNode token = claims(answer.text("access_token"));
        assertThat(token.path("idtyp").asText()).isEqualTo("app");
        assertThat(token.path("oid").asText())
                .isEqualTo(Seed.SERVICE_PRINCIPAL_ID)
                .isEqualTo(token.path("sub").asText());
        assertThat(token.path("roles")).hasSize(Seed.APPLICATION_GRANTS.size());
        assertThat(token.has("scp")).isFalse();

        entra.control("apps/" + Seed.CLIENT_ID, "{\"grants\":[]}");
        JsonNode bare = claims(entra.token(appOnly()).text("access_token"));
        assertThat(bare.has("roles")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "Mail.Send, invalid_scope, 1002012",
        "https://graph.microsoft.com/Mail.Send, invalid_scope, 1002012",
        "openid, invalid_scope, 1002012",
        "https://graph.microsoft.com/.default Mail.Send, invalid_scope, 1002012",
        "https://graph.microsoft.com/.default https://management.azure.com/.default, invalid_scope, 70011",
        "https://nosuch.example/.default, invalid_resource, 500011"
    })
    void theAppMustAskForExactlyOneDefault(String scope, String error, int number) {
        assertError(entra.token(with(appOnly(), "scope", scope)), 400, error, number);
    }

    @Test
    void theAppMustNameItsTenant() {
        assertError(entra.tokenAt("common", appOnly()), 400, "invalid_request", 50059);
        assertError(entra.tokenAt("consumers", appOnly()), 400, "invalid_request", 9001023);
        entra.control("apps/" + Seed.CLIENT_ID, "{\"signInAudience\":\"AzureADMyOrg\"}");
        assertError(entra.tokenAt("common", appOnly()), 400, "invalid_request", 50194);
    }

    @Test
    void hammeringIsThrottled() {
        try (Emulator strict =
                Emulator.start(EmulatorOptions.defaults().withLimit("entra.sameClientCredentials.count", 3))) {
            EntraClientOfTests client = new EntraClientOfTests(strict);
            for (int i = 0; i < 3; i++) {
                assertThat(client.token(appOnly()).status()).isEqualTo(200);
            }

            Answer throttled = client.token(appOnly());

            assertError(throttled, 429, "temporarily_unavailable", 90055);
            assertThat(throttled.raw().headers().firstValue("Retry-After")).contains("60");
            strict.advance(Duration.ofSeconds(61));
            assertThat(client.token(appOnly()).status()).isEqualTo(200);
        }
    }

    // Refresh tokens

    @Test
    void aRefreshGivesANewTokenAndTheOldOneStaysValid() {
        String first = entra.signedIn(Seed.BEN).text("refresh_token");

        Answer once = entra.token(refreshing(first));
        Answer twice = entra.token(refreshing(first));

        assertThat(List.of(once.status(), twice.status())).containsOnly(200);
        assertThat(once.text("refresh_token")).isNotEqualTo(first).isNotEqualTo(twice.text("refresh_token"));
        assertThat(claims(once.text("id_token")).has("nonce")).isFalse();
        assertThat(entra.token(refreshing(once.text("refresh_token"))).status()).isEqualTo(200);
    }

    @Test
    void aSwitchRevokesTheOldRefreshToken() {
        entra.control("apps/" + Seed.CLIENT_ID, "{\"revokeOldRefreshTokens\":true}");
        String first = entra.signedIn(Seed.BEN).text("refresh_token");
        assertThat(entra.token(refreshing(first)).status()).isEqualTo(200);

        assertError(entra.token(refreshing(first)), 400, "invalid_grant", 70000);
    }

    @Test
    void aRefreshTokenIsBoundToItsApp() {
        String token = entra.signedIn(Seed.BEN).text("refresh_token");
        entra.control("apps/other", "{\"create\":true,\"secrets\":[\"s\"]}");

        assertError(
                entra.token(with(refreshing(token), "client_id", "other", "client_secret", "s")),
                400,
                "invalid_grant",
                70000);
        assertError(entra.token(with(refreshing(token), "client_secret", null)), 401, "invalid_client", 7000218);
    }

    @Test
    void aRefreshTokenDiesOfNinetyDaysOfInactivity() {
        String token = entra.signedIn(Seed.BEN).text("refresh_token");
        emulator.advance(Duration.ofDays(89));
        String next = entra.token(refreshing(token)).text("refresh_token");
        emulator.advance(Duration.ofDays(2));

        Answer old = entra.token(refreshing(token));

        assertError(old, 400, "invalid_grant", 700082);
        assertThat(old.text("error_description")).contains("was inactive for 90.00:00:00.");
        assertThat(old.text("suberror")).isEqualTo("bad_token");
        assertThat(entra.token(refreshing(next)).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"revoke\":true}                      | invalid_grant        | 50173 | bad_token",
                "{\"passwordChanged\":\"adminCenter\"}  | invalid_grant        | 50173 | bad_token",
                "{\"blocked\":true}                     | invalid_grant        | 50057 | ''",
                "{\"policyBlocked\":true}               | invalid_grant        | 53003 | message_only",
                "{\"mfaRequired\":true}                 | interaction_required | 50076 | basic_action",
                "{\"consentWithdrawn\":true}            | invalid_grant        | 65001 | consent_required",
                "{\"deleted\":true}                     | invalid_grant        | 50034 | ''",
                "{\"signInFrequencySeconds\":0}         | invalid_grant        | 70043 | basic_action"
            })
    void whatHappensToPeopleHappensToTheirRefreshTokens(String what, String error, int number, String suberror) {
        String token = entra.signedIn(Seed.BEN).text("refresh_token");
        assertThat(entra.control("accounts/" + Seed.BEN, what).status()).isEqualTo(200);

        Answer answer = entra.token(refreshing(token));

        assertError(answer, 400, error, number);
        assertThat(answer.text("suberror")).isEqualTo(suberror);
        assertThat(answer.json().has("claims")).isEqualTo(number == 50076 || number == 53003);
    }

    @Test
    void aPasswordChangeSparesConfidentialClients() {
        String token = entra.signedIn(Seed.BEN).text("refresh_token");
        entra.control("accounts/" + Seed.BEN, "{\"passwordChanged\":true}");

        assertThat(entra.token(refreshing(token)).status()).isEqualTo(200);
    }

    @Test
    void aRefreshMayNameScopesOfAnotherConsentedResource() {
        FormBrowser browser = entra.browser();
        Map<String, String> both = with(
                authorization(), "scope", "offline_access User.Read https://management.azure.com/user_impersonation");
        String code = browser.signIn(browser.open(entra.authorizeUrl(both)), Seed.BEN, Seed.PASSWORD)
                .parameters()
                .get("code");
        String two = "User.Read https://management.azure.com/user_impersonation";
        assertError(entra.token(with(redemption(code), "scope", two)), 400, "invalid_request", 28000);
        String token = entra.token(redemption(code)).text("refresh_token");

        Answer azure = entra.token(with(refreshing(token), "scope", "https://management.azure.com/.default"));

        assertThat(azure.text("scope")).isEqualTo("https://management.azure.com/user_impersonation");
        assertThat(claims(azure.text("access_token")).path("aud").asText()).isEqualTo("https://management.azure.com");
        assertError(entra.token(with(refreshing(token), "scope", "Mail.Send")), 400, "invalid_grant", 65001);
        assertError(entra.token(with(refreshing(token), "scope", "Mail.Sent")), 400, "invalid_client", 650053);
    }

    @Test
    void aLoopIsDetected() {
        String token = entra.signedIn(Seed.BEN).text("refresh_token");
        for (int i = 0; i < 100; i++) {
            assertThat(entra.token(refreshing(token)).status()).isEqualTo(200);
        }

        assertError(entra.token(refreshing(token)), 400, "invalid_grant", 50196);
    }

    @Test
    void clientsThatHandleChallengesGetLongLivedTokens() {
        String token = entra.signedIn(Seed.BEN).text("refresh_token");

        Answer answer = entra.token(
                with(refreshing(token), "claims", "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}"));

        assertThat(answer.json().path("expires_in").asInt()).isBetween(72_000, 100_800);
        assertThat(answer.json().path("refresh_in").asInt()).isPositive();
        assertThat(claims(answer.text("access_token")).path("xms_cc").get(0).asText())
                .isEqualTo("CP1");
    }

    @Test
    void personalAccountsGetOpaqueTokens() {
        FormBrowser browser = entra.browser();
        Map<String, String> personal = with(authorization(), "scope", "openid profile offline_access Mail.Read");
        String code = browser.signIn(browser.open(entra.authorizeUrl("common", personal)), Seed.DORA, Seed.PASSWORD)
                .parameters()
                .get("code");

        Answer answer = entra.tokenAt("common", redemption(code));

        assertThat(answer.text("access_token")).doesNotContain(".");
        assertThat(claims(answer.text("id_token")).path("tid").asText()).isEqualTo(Seed.PERSONAL_TENANT_ID);
        assertThat(entra.tokenAt("consumers", refreshing(answer.text("refresh_token")))
                        .status())
                .isEqualTo(200);
        assertError(entra.token(refreshing(answer.text("refresh_token"))), 400, "invalid_request", 50020);
    }

    // Device code

    private static Map<String, String> device() {
        return values("client_id", Seed.CLIENT_ID, "scope", "openid profile offline_access User.Read");
    }

    private static Map<String, String> polling(Answer device) {
        return values(
                "grant_type",
                "urn:ietf:params:oauth:grant-type:device_code",
                "client_id",
                Seed.CLIENT_ID,
                "device_code",
                device.text("device_code"));
    }

    private static FormBrowser.Page typedIn(FormBrowser browser, Answer device) {
        FormBrowser.Page page = browser.open(device.text("verification_uri"));
        return browser.submit(page, Map.of("otc", device.text("user_code")));
    }

    @Test
    void aDeviceIsSignedInElsewhere() {
        Answer device = entra.deviceCode(device());
        assertThat(device.json().path("expires_in").asInt()).isEqualTo(900);
        assertThat(device.json().path("interval").asInt()).isEqualTo(5);
        assertThat(device.text("user_code")).hasSize(9);
        assertThat(device.text("message")).startsWith("To sign in, use a web browser to open the page ");
        assertError(entra.token(polling(device)), 400, "authorization_pending", 70016);

        FormBrowser browser = FormBrowser.create();
        FormBrowser.Page end = browser.signIn(typedIn(browser, device), Seed.PORTAL, Seed.PASSWORD);
        assertThat(end.body()).contains("You have signed in");

        Answer tokens = entra.token(polling(device));
        assertThat(claims(tokens.text("id_token")).path("preferred_username").asText())
                .isEqualTo(Seed.PORTAL);
        assertError(entra.token(polling(device)), 400, "invalid_grant", 54005);
        Map<String, String> publicly = with(refreshing(tokens.text("refresh_token")), "client_secret", null);
        assertThat(entra.token(publicly).status()).isEqualTo(200);
        entra.control("accounts/" + Seed.PORTAL, "{\"passwordChanged\":true}");
        assertError(entra.token(publicly), 400, "invalid_grant", 50173);
    }

    @Test
    void aDeviceIsDeclinedLateOrUnknown() {
        Answer declined = entra.deviceCode(device());
        FormBrowser browser = FormBrowser.create();
        FormBrowser.Page question =
                browser.submit(typedIn(browser, declined), Map.of("login", Seed.PORTAL, "passwd", Seed.PASSWORD));
        browser.submit(question, Map.of("consent", "cancel"));
        assertError(entra.token(polling(declined)), 400, "authorization_declined", 70017);

        Answer late = entra.deviceCode(device());
        emulator.advance(Duration.ofSeconds(901));
        assertError(entra.token(polling(late)), 400, "expired_token", 70020);
        assertThat(typedIn(browser, late).body()).contains("That code didn&#39;t work.");

        assertError(
                entra.token(with(polling(late), "device_code", "GAQ-nonsense")), 400, "bad_verification_code", 70018);
    }

    @Test
    void aTenantMayBlockDeviceCodes() {
        entra.control("apps/" + Seed.CLIENT_ID, "{\"deviceCodeBlocked\":true}");
        Answer device = entra.deviceCode(device());
        FormBrowser browser = FormBrowser.create();
        FormBrowser.Page page =
                browser.submit(typedIn(browser, device), Map.of("login", Seed.PORTAL, "passwd", Seed.PASSWORD));

        assertThat(page.body()).contains("AADSTS53003");
        Answer blocked = entra.token(polling(device));
        assertError(blocked, 400, "invalid_grant", 53003);
        assertThat(blocked.text("suberror")).isEqualTo("message_only");
    }

    @Test
    void aDeviceNeedsAPublicClientOrASecret() {
        entra.control("apps/" + Seed.CLIENT_ID, "{\"publicClientFlows\":false}");
        Answer device = entra.deviceCode(device());

        assertError(entra.token(polling(device)), 401, "invalid_client", 7000218);
        assertError(
                entra.token(with(polling(device), "client_secret", Seed.CLIENT_SECRET)),
                400,
                "authorization_pending",
                70016);
    }

    @Test
    void theDeviceMessageSpeaksGermanWhereAsked() {
        Answer device = entra.post(
                "/" + Seed.TENANT_ID + "/oauth2/v2.0/devicecode?mkt=de-DE",
                EntraClientOfTests.form(device()),
                "application/x-www-form-urlencoded");

        assertThat(device.text("message")).startsWith("Verwenden Sie einen Webbrowser");
    }

    // Password

    @Test
    void thePasswordGrantNeverWorks() {
        Map<String, String> form = values(
                "grant_type", "password",
                "client_id", Seed.CLIENT_ID,
                "username", Seed.BEN,
                "password", Seed.PASSWORD,
                "scope", "User.Read");

        assertError(entra.token(with(form, "password", "wrong")), 400, "invalid_grant", 50126);
        assertError(entra.token(with(form, "username", "eve@contoso.example")), 400, "invalid_grant", 50034);
        assertError(entra.tokenAt("common", form), 400, "invalid_request", 9001023);
        assertError(entra.token(form), 400, "invalid_grant", 53003);
    }
}
