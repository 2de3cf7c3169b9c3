package org.m365connector.auth.setup;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.emulator.Seed;

@QuarkusTest
class SetupIT extends AuthIT {

    private final Map<String, String> brought = new HashMap<>();
    private final Map<String, Object> app = new HashMap<>();
    private final Map<String, String> entered = new HashMap<>();

    @BeforeEach
    void draft() {
        onboard();
        asAdmin()
                .body(Map.of(
                        "name", REGISTRATION,
                        "features", List.of("mail-read", "teams-send"),
                        "administrator", ada.value()))
                .post(path("/registrations"))
                .then()
                .statusCode(201);
    }

    @Test
    void whoDoesOnlyWhatTheStepsSayHasAConnectorThatWorks() {
        guide().body("steps.state", hasItems("done", "open", "unknown"));

        int steps = guide().extract().<List<Object>>path("steps").size();
        for (int n = 0; n < steps; n++) {
            Map<String, Object> step = guide().extract().path("steps[" + n + "]");
            if (step.get("side").equals("entra")) {
                atEntra(step);
            } else {
                atTheConnector(step);
            }
        }

        signIn(loginUrl(ada, Seed.ADA), Seed.ADA);
        assertThat(state(ada)).isEqualTo("ready");
        token("service").statusCode(200);
        guide().body("steps.state", not(hasItems("open")));
    }

    @Test
    void theTestTellsWhatIsGrantedMissingAndSuperfluousAndShowsNoToken() {
        for (int n = 0; n < 8; n++) {
            Map<String, Object> step = guide().extract().path("steps[" + n + "]");
            if (step.get("side").equals("entra")) {
                atEntra(step);
            } else {
                atTheConnector(step);
            }
        }
        signIn(loginUrl(ada, Seed.ADA), Seed.ADA);
        entra.app(brought.get("clientId"), Map.of("grants", List.of("User.ReadBasic.All", "Files.Read.All")));

        String report = asAdmin()
                .post(registrationPath("/test?portalUser=" + ada))
                .then()
                .statusCode(200)
                .body("status", equalTo("failed"))
                .body("checks.find { it.check == 'graph-host' }.status", equalTo("ok"))
                .body("checks.find { it.check == 'credential' }.status", equalTo("unknown"))
                .body(
                        "checks.find { it.subject == 'service/mail-read' }.permissions.missing",
                        equalTo(List.of("Mail.Read")))
                .body(
                        "checks.find { it.check == 'permissions-superfluous' }.permissions.superfluous",
                        equalTo(List.of("Files.Read.All")))
                .body("checks.find { it.check == 'login-user' }.status", equalTo("ok"))
                .body("checks.find { it.check == 'mailbox' }.status", equalTo("ok"))
                .body("checks.find { it.check == 'teams-licence' }.status", equalTo("ok"))
                .extract()
                .asString();
        assertThat(report).doesNotContain("eyJ");
    }

    @Test
    void thePageHoldsNothingAndRunsOnlyItsOwnScript() {
        given().accept("text/html")
                .header("Accept-Language", "de")
                .get(registrationPath("/setup"))
                .then()
                .statusCode(200)
                .header("Content-Security-Policy", containsString("script-src 'self'"))
                .body(containsString("Administratorschlüssel"))
                .body(not(containsString(Seed.TENANT_ID)));
        given().get(registrationPath("/setup/m365-setup.js")).then().statusCode(200);
        given().get(registrationPath("/setup/m365-setup.css")).then().statusCode(200);
        given().accept("application/json")
                .get(registrationPath("/setup"))
                .then()
                .statusCode(401);
    }

    private ValidatableResponse guide() {
        return asAdmin()
                .accept("application/json")
                .get(registrationPath("/setup"))
                .then()
                .statusCode(200);
    }

    @SuppressWarnings("unchecked")
    private void atEntra(Map<String, Object> step) {
        for (Map<String, Object> value : (List<Map<String, Object>>) step.get("values")) {
            entered.put((String) value.get("name"), (String) value.get("value"));
        }
        for (String name : (List<String>) step.get("yields")) {
            brought.put(
                    name,
                    name.equals("tenantId") ? Seed.TENANT_ID : UUID.randomUUID().toString());
        }
        app.put("create", true);
        if (brought.containsKey("secret")) {
            app.put("secrets", List.of(brought.get("secret")));
        }
        if (entered.containsKey("redirectUri")) {
            app.put("redirectUris", List.of(entered.get("redirectUri")));
        }
        if (entered.containsKey("consentUrl")) {
            app.put("grants", List.of(entered.get("application").split(" ", -1)));
            app.put("delegatedGrants", List.of(entered.get("delegated").split(" ", -1)));
        }
        entra.app(brought.get("clientId"), app);
    }

    @SuppressWarnings("unchecked")
    private void atTheConnector(Map<String, Object> step) {
        Map<String, Object> request = (Map<String, Object>) step.get("request");
        if (request == null) {
            return;
        }
        Map<String, Object> body = new HashMap<>((Map<String, Object>) request.get("body"));
        body.replaceAll((name, value) -> {
            String word = (String) value;
            return word.startsWith("{") ? brought.get(word.substring(1, word.length() - 1)) : word;
        });
        asAdmin()
                .body(body)
                .request((String) request.get("method"), (String) request.get("path"))
                .then()
                .statusCode(org.hamcrest.Matchers.lessThan(300));
    }
}
