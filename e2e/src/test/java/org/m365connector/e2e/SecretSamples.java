package org.m365connector.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;
import org.m365connector.local.demo.Rest;
import org.m365connector.local.hunt.SecretHunt;
import org.m365connector.local.suite.LocalSuite;

/** One secret of each kind that the services get from Entra ID, got in the same way: so the hunt is for what they look like. */
final class SecretSamples {
    private static final String CALLBACK = "http://localhost:8081/oauth2/callback";
    private static final String VERIFIER = "a-verifier-that-is-long-enough-to-be-accepted-by-everybody";
    private static final String SCOPES = "openid profile offline_access User.Read";

    private final Rest emulator;
    private final String base;

    private SecretSamples(String base) {
        this.base = base;
        emulator = Rest.at(base);
    }

    /** Kind, as {@link SecretHunt} calls it, by secret. */
    static Map<String, String> of(LocalSuite suite) {
        return new SecretSamples(suite.suite().emulatorUrl().orElseThrow()).fresh();
    }

    private Map<String, String> fresh() {
        Map<String, String> kinds = new LinkedHashMap<>();
        kinds.put(code(Seed.TENANT_ID, Seed.BEN), SecretHunt.CODE_OR_REFRESH_TOKEN);
        JsonNode bens = redeem(Seed.TENANT_ID, code(Seed.TENANT_ID, Seed.BEN));
        kinds.put(bens.path("refresh_token").asText(), SecretHunt.CODE_OR_REFRESH_TOKEN);
        kinds.put(bens.path("access_token").asText(), SecretHunt.TOKEN);
        kinds.put(bens.path("id_token").asText(), SecretHunt.TOKEN);
        JsonNode doras = redeem("consumers", code("consumers", Seed.DORA));
        kinds.put(doras.path("access_token").asText(), SecretHunt.PERSONAL_TOKEN);
        JsonNode device = emulator.postForm(
                        "/" + Seed.TENANT_ID + "/oauth2/v2.0/devicecode",
                        Map.of("client_id", Seed.CLIENT_ID, "scope", SCOPES))
                .expect(200)
                .json();
        kinds.put(device.path("device_code").asText(), SecretHunt.DEVICE_CODE);
        return kinds;
    }

    private String code(String tenant, String upn) {
        FormBrowser browser = FormBrowser.stoppingAt(uri -> uri.toString().startsWith(CALLBACK));
        String page = base + "/" + tenant + "/oauth2/v2.0/authorize?response_type=code&response_mode=query&client_id="
                + Seed.CLIENT_ID + "&redirect_uri=" + CALLBACK + "&scope=" + SCOPES.replace(" ", "+")
                + "&state=s&nonce="
                + UUID.randomUUID() + "&code_challenge_method=plain&code_challenge=" + VERIFIER;
        return browser.signIn(browser.open(page), upn, Seed.PASSWORD)
                .parameters()
                .get("code");
    }

    private JsonNode redeem(String tenant, String code) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "authorization_code");
        form.put("client_id", Seed.CLIENT_ID);
        form.put("client_secret", Seed.CLIENT_SECRET);
        form.put("redirect_uri", CALLBACK);
        form.put("code_verifier", VERIFIER);
        form.put("code", code);
        return emulator.postForm("/" + tenant + "/oauth2/v2.0/token", form)
                .expect(200)
                .json();
    }
}
