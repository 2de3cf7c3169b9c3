package org.m365connector.auth.setup;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.emulator.Seed;

@QuarkusTest
class PermissionPlanIT extends AuthIT {

    @BeforeEach
    void onboarded() {
        onboard();
        register();
    }

    @Test
    void thePlannerSaysWhatEachFeatureTakesAndWhoMayConsent() {
        asAdmin()
                .get(registrationPath("/permissions?features=teams-send,teams-read"))
                .then()
                .statusCode(200)
                .body("features.feature", contains("teams-read", "teams-send"))
                .body("features[0].delegated.name", hasItem("ChannelMessage.Read.All"))
                .body(
                        "features[0].delegated.find { it.name == 'ChannelMessage.Read.All' }.takesAdministrator",
                        equalTo(true))
                .body("features[1].delegated.name", contains("ChannelMessage.Send"))
                .body("features[1].delegated[0].takesAdministrator", equalTo(false))
                .body("features[1].application", empty())
                .body("features[1].appOnlyCannot", hasItem("POST /teams/{id}/channels/{id}/messages"))
                .body("features[1].personalAccounts", equalTo(false))
                .body("features[1].note", containsString("static account"))
                .body("application.takesAdministrator", not(hasItem(false)))
                .body("delegated.name", hasItems("User.Read", "offline_access", "ChannelMessage.Send"));
    }

    @Test
    void withoutFeaturesItSpeaksOfTheRegistrationsOwnInGermanWhereThatIsPreferred() {
        asAdmin()
                .header("Accept-Language", "de")
                .get(registrationPath("/permissions"))
                .then()
                .statusCode(200)
                .body("features.feature", contains("mail-read", "mail-send", "teams-read", "teams-send"))
                .body("features[0].title", equalTo("E-Mails lesen"))
                .body(
                        "scopes",
                        equalTo(
                                "User.Read email offline_access openid profile Mail.ReadWrite Mail.Send Team.ReadBasic.All"
                                        + " Channel.ReadBasic.All ChannelMessage.Read.All ChannelMessage.Send"))
                .body("azureCli", containsString("az ad app"));
    }

    @Test
    void theConsentLinkLeadsToTheTenantAndItsWayBackIsRecognised() {
        URI link = URI.create(asAdmin()
                .get(registrationPath("/permissions"))
                .then()
                .statusCode(200)
                .extract()
                .path("consentUrl"));

        assertThat(link.toString()).startsWith(entra.base() + "/" + Seed.TENANT_ID + "/v2.0/adminconsent?");
        Map<String, String> query = Arrays.stream(link.getRawQuery().split("&", -1))
                .map(part -> part.split("=", -1))
                .collect(Collectors.toMap(part -> part[0], part -> URLDecoder.decode(part[1], StandardCharsets.UTF_8)));
        assertThat(query)
                .containsEntry("client_id", Seed.CLIENT_ID)
                .containsEntry("scope", "https://graph.microsoft.com/.default");
        assertThat(query.get("redirect_uri")).endsWith("/oauth2/callback");

        // When an administrator refuses there
        Response back = given().queryParams(Map.of(
                        "admin_consent",
                        "True",
                        "error",
                        "consent_required",
                        "error_description",
                        "AADSTS65004: declined",
                        "state",
                        query.get("state")))
                .get("/oauth2/callback");

        // Then our callback knows what this is about
        assertThat(back.asString()).contains("data-m365-reason=\"" + "admin-consent-refused");
    }

    @Test
    void unknownFeaturesAndCallersAreRefused() {
        asAdmin()
                .get(registrationPath("/permissions?features=mail-read,flying"))
                .then()
                .statusCode(422)
                .header("X-M365-Problem", "feature-unknown");
        asPortal().get(registrationPath("/permissions")).then().statusCode(anyOf(equalTo(401), equalTo(403)));
        given().get(registrationPath("/permissions")).then().statusCode(401);
        asAdmin().get(path("/registrations/Nobody/permissions")).then().statusCode(404);
    }

    @Test
    void whereBothKindsOfAccountComeInItIsSaidWhatThePersonalOnesLack() {
        Map<String, Object> body = registration(List.of("mail-read", "teams-manage"));
        body.put("name", "Both");
        body.put("accountTypes", "both");
        asAdmin().body(body).post(path("/registrations")).then().statusCode(201);
        asAdmin()
                .get(path("/registrations/Both/permissions"))
                .then()
                .statusCode(200)
                .body("features[0].personalAccounts", equalTo(true))
                .body("features[0].note", not(containsString("Personal Microsoft accounts")))
                .body("features[1].personalAccounts", equalTo(false))
                .body("features[1].note", containsString("Personal Microsoft accounts do not have this"));
    }

    @Test
    void aRegistrationForPersonalAccountsHasNoApplicationPermissionsAndNoConsentLink() {
        Map<String, Object> body = registration(List.of("mail-read"));
        body.put("name", "Personal");
        body.put("accountTypes", "personal");
        asAdmin().body(body).post(path("/registrations")).then().statusCode(201);
        asAdmin()
                .get(path("/registrations/Personal/permissions"))
                .then()
                .statusCode(200)
                .body("application", empty())
                .body("consentUrl", equalTo(null));
    }
}
