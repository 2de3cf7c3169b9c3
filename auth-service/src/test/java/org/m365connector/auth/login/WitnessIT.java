package org.m365connector.auth.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import com.nimbusds.oauth2.sdk.TokenRequest;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.net.InetAddress;
import java.net.URI;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.OAuth2Config;
import no.nav.security.mock.oauth2.http.MockWebServerWrapper;
import no.nav.security.mock.oauth2.http.OAuth2HttpRequest;
import no.nav.security.mock.oauth2.http.OAuth2HttpResponse;
import no.nav.security.mock.oauth2.http.Route;
import no.nav.security.mock.oauth2.token.OAuth2TokenCallback;
import no.nav.security.mock.oauth2.token.OAuth2TokenProvider;
import okhttp3.Headers;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;

/**
 * A witness that is not ours: an OpenID provider that others wrote, and that knows nothing of our emulator. It checks PKCE, keeps
 * the nonce, signs id tokens and rotates refresh tokens. Of Entra it has the claims that are put into its tokens, and one address.
 */
@QuarkusTest
class WitnessIT extends AuthIT {

    private static final String ISSUER_ID = Seed.TENANT_ID + "/oauth2/v2.0";

    private static final String OTHER_TENANT = "22222222-2222-4222-8222-222222222222";

    @ConfigProperty(name = "m365.clouds.witness.authority")
    String witness;

    private MockOAuth2Server server;

    @BeforeEach
    void registeredThere() {
        OAuth2TokenProvider tokens = new OAuth2TokenProvider();
        OAuth2Config config = new OAuth2Config(
                false, null, null, true, tokens, Set.of(new Claims(Map.of())), new MockWebServerWrapper());
        server = new MockOAuth2Server(config, new EntrasKeys(tokens));
        server.start(InetAddress.getLoopbackAddress(), URI.create(witness).getPort());
        onboard();
        Map<String, Object> body = registration(List.of("mail-read"));
        body.put("cloud", "witness");
        asAdmin().body(body).post(path("/registrations")).then().statusCode(201);
    }

    @AfterEach
    void stop() {
        server.shutdown();
    }

    @Test
    void aPersonSignsInAndHisTokensAreRenewed() {
        FormBrowser.Page page = FormBrowser.create().open(loginUrl(ben, Seed.BEN));

        assertThat(page.body()).contains("data-m365-result=\"done\"");
        assertThat(state(ben)).isEqualTo("ready");
        Set<String> tokens = new HashSet<>();
        tokens.add(token("user:" + ben).statusCode(200).extract().path("accessToken"));
        for (int i = 0; i < 3; i++) {
            tokens.add(renewal().statusCode(200).extract().path("accessToken"));
        }
        assertThat(tokens).hasSize(4);
    }

    @Test
    void theAppGetsATokenOfItsOwn() {
        // A server that has just started may be slower than a caller is let wait; he is told to ask again.
        await().atMost(PATIENCE).until(() -> token("service").extract().statusCode(), status -> status != 503);

        token("service").statusCode(200).body("generation", org.hamcrest.Matchers.greaterThan(0));
    }

    @Test
    void anIdTokenThatIsNotAsItHasToBeSignsNobodyIn() {
        List<Map<String, Object>> bad = List.of(
                Map.of("nonce", "of somebody else's visit"),
                Map.of("aud", "11111111-1111-4111-8111-111111111111"),
                Map.of("iss", witness + "/" + ISSUER_ID),
                Map.of("tid", OTHER_TENANT, "iss", witness + "/" + OTHER_TENANT + "/v2.0"));

        for (Map<String, Object> claims : bad) {
            server.enqueueCallback(new Claims(claims));

            FormBrowser.Page page = FormBrowser.create().open(loginUrl(ben, Seed.BEN));

            assertThat(page.body()).as(claims.toString()).contains("data-m365-reason=\"entra-refused\"");
            assertThat(state(ben)).isEqualTo("needs-login");
        }
        // Nothing but the claims was wrong.
        assertThat(FormBrowser.create().open(loginUrl(ben, Seed.BEN)).body()).contains("data-m365-result=\"done\"");
    }

    @Test
    void aStrangerIsNotTheOneWhoIsExpected() {
        server.enqueueCallback(new Claims(Map.of("preferred_username", Seed.CLARA, "oid", Seed.CLARA_OID)));

        FormBrowser.Page page = FormBrowser.create().open(loginUrl(ben, Seed.BEN));

        assertThat(page.body()).contains("data-m365-reason=\"wrong-person\"");
        token("user:" + ben).statusCode(409).header("X-M365-Problem", equalTo("login-required"));
    }

    private ValidatableResponse renewal() {
        return token(Map.of(
                "portal",
                portal.value(),
                "registration",
                REGISTRATION,
                "account",
                "user:" + ben,
                "claims",
                "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1726258122\"}}}"));
    }

    /** Ben's tokens as Entra writes them, but for some claims. */
    private final class Claims implements OAuth2TokenCallback {

        private final Map<String, Object> changed;

        Claims(Map<String, Object> changed) {
            this.changed = changed;
        }

        @Override
        public String issuerId() {
            return ISSUER_ID;
        }

        @Override
        public String subject(TokenRequest request) {
            return "ben";
        }

        @Override
        public String typeHeader(TokenRequest request) {
            return "JWT";
        }

        @Override
        public List<String> audience(TokenRequest request) {
            return List.of("https://graph.microsoft.com");
        }

        @Override
        public Map<String, Object> addClaims(TokenRequest request) {
            Map<String, Object> claims = new HashMap<>();
            claims.put("iss", witness + "/" + Seed.TENANT_ID + "/v2.0");
            claims.put("tid", Seed.TENANT_ID);
            claims.put("oid", Seed.BEN_OID);
            claims.put("preferred_username", Seed.BEN);
            claims.put("ver", "2.0");
            claims.putAll(changed);
            return claims;
        }

        @Override
        public long tokenExpiry() {
            return 3_600;
        }
    }

    /** The witness' keys, where Entra has its own. */
    private record EntrasKeys(OAuth2TokenProvider tokens) implements Route {

        @Override
        public boolean match(OAuth2HttpRequest request) {
            return request.getUrl().encodedPath().equals("/" + Seed.TENANT_ID + "/discovery/v2.0/keys");
        }

        @Override
        public OAuth2HttpResponse invoke(OAuth2HttpRequest request) {
            return new OAuth2HttpResponse(
                    Headers.of("Content-Type", "application/json"),
                    200,
                    tokens.publicJwkSet(ISSUER_ID).toString(),
                    null);
        }
    }
}
