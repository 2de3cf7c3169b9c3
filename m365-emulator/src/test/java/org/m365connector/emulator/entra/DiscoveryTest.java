package org.m365connector.emulator.entra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.entra.EntraClientOfTests.Answer;

class DiscoveryTest {

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

    private static JsonNode document(String tenant) {
        return entra.get("/" + tenant + "/v2.0/.well-known/openid-configuration")
                .json();
    }

    @Test
    void aTenantHasItsIssuerWhetherCalledByIdOrDomain() {
        String root = emulator.httpBase() + "/" + Seed.TENANT_ID;

        assertThat(document(Seed.TENANT_ID).path("issuer").asText()).isEqualTo(root + "/v2.0");
        assertThat(document(Seed.DOMAIN)).isEqualTo(document(Seed.TENANT_ID));
        assertThat(document(Seed.TENANT_ID).path("token_endpoint").asText()).isEqualTo(root + "/oauth2/v2.0/token");
    }

    @Test
    void anAliasHasATemplateForItsIssuer() {
        assertThat(document("common").path("issuer").asText()).isEqualTo(emulator.httpBase() + "/{tenantid}/v2.0");
        assertThat(document("organizations").path("issuer").asText())
                .isEqualTo(emulator.httpBase() + "/{tenantid}/v2.0");
        assertThat(document("consumers").path("issuer").asText())
                .isEqualTo(emulator.httpBase() + "/" + Seed.PERSONAL_TENANT_ID + "/v2.0");
        assertThat(entra.get("/common/.well-known/openid-configuration").text("issuer"))
                .isEqualTo("https://sts.windows.net/{tenantid}/");
    }

    @Test
    void theDocumentDoesNotTellWhatMicrosoftsDoesNotTell() {
        assertThat(document("common").has("code_challenge_methods_supported")).isFalse();
        assertThat(document("common").has("grant_types_supported")).isFalse();
    }

    @Test
    void anUnknownTenantIsAnErrorHereToo() {
        Answer answer = entra.get("/nosuch.example/v2.0/.well-known/openid-configuration");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("error_codes").get(0).asInt()).isEqualTo(90002);
    }

    @Test
    void instanceDiscoveryNamesTheCloud() {
        Answer answer = entra.get("/common/discovery/instance?api-version=1.1&authorization_endpoint=x");

        assertThat(answer.text("tenant_discovery_endpoint"))
                .isEqualTo(emulator.httpBase() + "/common/.well-known/openid-configuration");
        assertThat(answer.json().path("metadata").get(0).path("aliases")).isNotEmpty();
    }

    @Test
    void thePublishedKeyVerifiesIdTokensButNotGraphTokens() throws Exception {
        JsonNode key = entra.get("/" + Seed.TENANT_ID + "/discovery/v2.0/keys")
                .json()
                .path("keys")
                .get(0);
        assertThat(key.path("issuer").asText()).endsWith("/{tenantid}/v2.0");
        assertThat(entra.get("/common/discovery/keys")
                        .json()
                        .path("keys")
                        .get(0)
                        .has("issuer"))
                .isFalse();
        Answer tokens = entra.signedIn(Seed.BEN);

        assertThat(verifies(key, tokens.text("id_token"))).isTrue();
        assertThat(verifies(key, tokens.text("access_token"))).isFalse();
    }

    @Test
    void theKeyRollsWithoutNoticeAndTheFormerOneStaysPublishedForAWhile() throws Exception {
        Answer before = entra.signedIn(Seed.BEN);
        String former = keys().get(0).path("kid").asText();

        Answer rolled = entra.post("/_emulator/keys", "{\"formerPublishedSeconds\":600}", "application/json");

        assertThat(rolled.json().path("published")).hasSize(2);
        Answer after = entra.signedIn(Seed.BEN);
        String signing = rolled.text("signing");
        assertThat(header(after.text("id_token")).path("kid").asText())
                .isEqualTo(signing)
                .isNotEqualTo(former);
        assertThat(keys()).extracting(key -> key.path("kid").asText()).containsExactly(former, signing);
        assertThat(verifies(keys().get(0), before.text("id_token"))).isTrue();
        assertThat(verifies(keys().get(1), after.text("id_token"))).isTrue();
        assertThat(graphKnows(before)).isTrue();
        assertThat(graphKnows(after)).isTrue();

        emulator.advance(Duration.ofSeconds(601));

        assertThat(keys()).extracting(key -> key.path("kid").asText()).containsExactly(signing);
        assertThat(graphKnows(before)).isFalse();
        assertThat(graphKnows(after)).isTrue();
        emulator.reset();
        assertThat(keys()).extracting(key -> key.path("kid").asText()).containsExactly(former);
    }

    private static JsonNode keys() {
        return entra.get("/" + Seed.TENANT_ID + "/discovery/v2.0/keys").json().path("keys");
    }

    private static JsonNode header(String jwt) throws Exception {
        return new ObjectMapper().readTree(Base64.getUrlDecoder().decode(jwt.substring(0, jwt.indexOf('.'))));
    }

    private static boolean graphKnows(Answer tokens) {
        return entra.get("/v1.0/me", "Authorization", "Bearer " + tokens.text("access_token"))
                        .status()
                == 200;
    }

    private static boolean verifies(JsonNode key, String jwt) throws Exception {
        Base64.Decoder base64url = Base64.getUrlDecoder();
        PublicKey rsa = KeyFactory.getInstance("RSA")
                .generatePublic(new RSAPublicKeySpec(
                        new BigInteger(1, base64url.decode(key.path("n").asText())),
                        new BigInteger(1, base64url.decode(key.path("e").asText()))));
        Signature rs256 = Signature.getInstance("SHA256withRSA");
        rs256.initVerify(rsa);
        rs256.update(jwt.substring(0, jwt.lastIndexOf('.')).getBytes(StandardCharsets.US_ASCII));
        return rs256.verify(base64url.decode(jwt.substring(jwt.lastIndexOf('.') + 1)));
    }

    @Test
    void userinfoKnowsTheBearer() {
        String token = entra.signedIn(Seed.BEN).text("access_token");

        assertThat(entra.get("/oidc/userinfo", "Authorization", "Bearer " + token)
                        .text("email"))
                .isEqualTo(Seed.BEN);
        assertThat(entra.get("/oidc/userinfo").status()).isEqualTo(401);
    }
}
