package org.m365connector.auth.setup;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.m365connector.auth.AuthIT;
import org.m365connector.auth.entra.GrantedPermissions;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;
import org.m365connector.events.Event;
import org.m365connector.events.PortalUserChanged;
import org.m365connector.events.Topics;

/** Somebody sets a registration up who knows nothing but what the guide says. */
@QuarkusTest
class SetupIT extends AuthIT {

    /** The choices on Entra's page, as the guide names them, and what they are in the app's manifest. */
    private static final Map<String, String> AUDIENCES = Map.of(
            "Accounts in this organizational directory only", "AzureADMyOrg",
            "Personal Microsoft accounts only", "PersonalMicrosoftAccount",
            "Accounts in any organizational directory and personal Microsoft accounts",
                    "AzureADandPersonalMicrosoftAccount");

    /** What he has noted on the way, by the names that the guide gives it. */
    private final Map<String, String> noted = new HashMap<>();

    @BeforeEach
    void portal() {
        onboard();
    }

    @ParameterizedTest
    @CsvSource({
        "business, 'mail-read,teams-send', ada@",
        "business, teams-send, ada@",
        "both, mail-read, ada@",
        "both, mail-read, dora@",
        "personal, mail-read, dora@"
    })
    void whoDoesOnlyWhatTheStepsSayHasAConnectorThatWorks(String accountTypes, String features, String who) {
        String upn = who.equals("ada@") ? Seed.ADA : Seed.DORA;
        boolean personal = accountTypes.equals("personal");
        draft(accountTypes, features.split(",", -1));
        guide().body("steps.state", hasItems("done", "open"));

        followed("test", upn);
        signIn(linkOfTheUser(), upn);

        assertThat(state(ada)).isEqualTo("ready");
        token("user:" + ada).statusCode(200);
        guide().body("steps.findAll { it.state != 'done' }.id", empty());
        asAdmin()
                .post(registrationPath("/test?portalUser=" + ada))
                .then()
                .statusCode(200)
                .body("checks.findAll { it.status == 'failed' }", empty());
        if (!personal) {
            assertThat(roles()).containsExactlyInAnyOrderElementsOf(application());
        }
        asAdmin().get(path("/attention")).then().statusCode(200).body("", empty());
    }

    @Test
    void whoIsNoAdministratorAndWhoCancelsIsToldThatNothingWasGranted() {
        draft("business", "mail-read", "teams-send");
        followed("credential", Seed.ADA);

        // Given somebody who is no administrator
        String link = consentUrl();
        FormBrowser bens = FormBrowser.create();
        FormBrowser.Page refusal = bens.submit(bens.open(link), Map.of("login", Seed.BEN, "passwd", Seed.PASSWORD));
        assertThat(refusal.body()).contains("Need admin approval");

        // When he gives up
        FormBrowser.Page back = bens.submit(refusal, Map.of("consent", "cancel"));

        // Then he is told so, and the guide has a new link
        assertThat(back.status()).isEqualTo(403);
        assertThat(back.body()).contains("data-m365-reason=\"admin-consent-refused\"");
        assertThat(consentUrl()).isNotEqualTo(link);
        guide().body("steps.find { it.id == 'consent' }.state", equalTo("open"));

        // When the administrator cancels
        FormBrowser adas = FormBrowser.create();
        FormBrowser.Page question =
                adas.submit(adas.open(consentUrl()), Map.of("login", Seed.ADA, "passwd", Seed.PASSWORD));
        back = adas.submit(question, Map.of("consent", "cancel"));

        // Then it is the same for her, and she may still change her mind
        assertThat(back.status()).isEqualTo(403);
        assertThat(back.body())
                .contains("data-m365-reason=\"admin-consent-refused\"")
                .contains("AADSTS65004");
        assertThat(roles()).isEmpty();
        consent();
        guide().body("steps.find { it.id == 'consent' }.state", equalTo("done"));
    }

    @Test
    void withoutApplicationPermissionsTheFirstSignInShowsWhatIsGranted() {
        draft("business", "teams-send");
        followed("users", Seed.ADA);
        guide().body("steps.find { it.id == 'permissions' }.state", equalTo("unknown"))
                .body("steps.find { it.id == 'consent' }.state", equalTo("unknown"))
                .body("steps.find { it.id == 'consent' }.stateText", containsString("first sign-in"));

        signIn(linkOfTheUser(), Seed.ADA);

        guide().body("steps.find { it.id == 'permissions' }.state", equalTo("done"))
                .body("steps.find { it.id == 'consent' }.state", equalTo("done"));
    }

    @Test
    void theTestTellsWhatIsGrantedMissingAndSuperfluousAndShowsNoToken() {
        draft("business", "mail-read", "teams-send");
        followed("users", Seed.ADA);
        signIn(linkOfTheUser(), Seed.ADA);
        entra.app(noted.get("clientId"), Map.of("grants", List.of("User.ReadBasic.All", "Files.Read.All")));

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
    void aMissingMailboxAndAMissingLicenceAreTold() {
        draft("business", "mail-read", "teams-send");
        followed("users", Seed.BEN);
        signIn(linkOfTheUser(), Seed.BEN);

        // Given a mailbox that is not there, whatever the licence says
        entra.account(Seed.BEN, Map.of("mailbox", false));
        tested().body("checks.find { it.check == 'mailbox' }.status", equalTo("failed"))
                .body("checks.find { it.check == 'mailbox' }.subject", equalTo("user:" + ada))
                .body("checks.find { it.check == 'mailbox' }.detail", containsString("no active mailbox"))
                .body("checks.find { it.check == 'mailbox' }.cure", containsString("Exchange Online"))
                .body("checks.find { it.check == 'teams-licence' }.status", equalTo("ok"));

        // Given no licence for Teams
        entra.account(Seed.BEN, Map.of("mailbox", true, "teamsLicence", false));
        tested().body("checks.find { it.check == 'mailbox' }.status", equalTo("ok"))
                .body("checks.find { it.check == 'teams-licence' }.status", equalTo("failed"))
                .body("checks.find { it.check == 'teams-licence' }.cure", containsString("licence with Teams"));
        asAdmin()
                .header("Accept-Language", "de")
                .post(registrationPath("/test?portalUser=" + ada))
                .then()
                .body(
                        "checks.find { it.check == 'teams-licence' }.detail",
                        equalTo("Der Benutzer hat keine Lizenz für Teams."));

        // When nothing is left that needs Teams
        asAdmin()
                .body(Map.of("features", List.of("mail-read")))
                .patch(registrationPath(""))
                .then()
                .statusCode(200);

        // Then nobody has to do anything
        tested().body("checks.find { it.check == 'teams-licence' }.status", equalTo("ok"))
                .body("checks.find { it.check == 'teams-licence' }.detail", containsString("no feature"));
    }

    @Test
    void withoutAPermissionForMailTheLicenceTellsOfTheMailbox() {
        draft("business", "teams-send");
        followed("users", Seed.BEN);
        signIn(linkOfTheUser(), Seed.BEN);
        tested().body(
                        "checks.find { it.check == 'mailbox' }.detail",
                        equalTo("The user has a mailbox in Exchange Online."));

        entra.account(Seed.BEN, Map.of("mailbox", false));

        tested().body("checks.find { it.check == 'mailbox' }.status", equalTo("ok"))
                .body("checks.find { it.check == 'mailbox' }.detail", containsString("no feature"));
    }

    private ValidatableResponse tested() {
        return asAdmin()
                .post(registrationPath("/test?portalUser=" + ada))
                .then()
                .statusCode(200);
    }

    @Test
    void theApiDescriptionShowsTheWordsOfAStatus() {
        given().accept("application/json")
                .get("/q/openapi?format=json")
                .then()
                .statusCode(200)
                .body("components.schemas.Status.enum", equalTo(List.of("ok", "unknown", "warning", "failed")));
    }

    @Test
    void ofAPersonalAccountItIsNotExpectedWhatOnlyOrganizationsHave() {
        draft("both", "mail-read");
        followed("test", Seed.DORA);
        signIn(linkOfTheUser(), Seed.DORA);
        asAdmin()
                .body(Map.of("features", List.of("mail-read", "teams-send")))
                .patch(registrationPath(""))
                .then()
                .statusCode(200);

        asAdmin()
                .post(registrationPath("/test?portalUser=" + ada))
                .then()
                .statusCode(200)
                .body("checks.find { it.check == 'login-user' }.status", equalTo("ok"))
                .body("checks.find { it.subject == 'user:%s/mail-read' }.status".formatted(ada), equalTo("ok"))
                .body("checks.find { it.subject == 'user:%s/teams-send' }.status".formatted(ada), equalTo("warning"))
                .body(
                        "checks.find { it.subject == 'user:%s/teams-send' }.permissions.missing".formatted(ada),
                        equalTo(List.of()));
    }

    @Test
    void aHostThatCannotBeReachedIsNamed() {
        asAdmin()
                .body(Map.of(
                        "name", "Away",
                        "cloud", "witness",
                        "features", List.of("mail-read"),
                        "accountTypes", "business",
                        "administrator", ada.value()))
                .post(path("/registrations"))
                .then()
                .statusCode(201);

        asAdmin()
                .post(path("/registrations/Away/test"))
                .then()
                .statusCode(200)
                .body("checks.find { it.check == 'entra-host' }.status", equalTo("failed"))
                .body("checks.find { it.check == 'entra-host' }.detail", equalTo("No connection to localhost."))
                .body("checks.find { it.check == 'entra-host' }.cure", containsString("M365_HTTPS_PROXY"));
    }

    @Test
    void thePageHoldsNothingAndRunsOnlyItsOwnScript() {
        draft("business", "mail-read", "teams-send");
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

    private void draft(String accountTypes, String... features) {
        asAdmin()
                .body(Map.of(
                        "name",
                        REGISTRATION,
                        "features",
                        List.of(features),
                        "accountTypes",
                        accountTypes,
                        "administrator",
                        ada.value()))
                .post(path("/registrations"))
                .then()
                .statusCode(201);
    }

    private ValidatableResponse guide() {
        return asAdmin()
                .accept("application/json")
                .get(registrationPath("/setup"))
                .then()
                .statusCode(200);
    }

    /** Does what the steps say, one by one, up to that one. */
    private void followed(String last, String upn) {
        int steps = guide().extract().<List<Object>>path("steps").size();
        for (int n = 0; n < steps; n++) {
            Step step = new Step(guide().extract().path("steps[" + n + "]"));
            if (step.side().equals("entra")) {
                atEntra(step);
            } else {
                atTheConnector(step, upn);
            }
            if (step.id().equals(last)) {
                return;
            }
        }
        throw new AssertionError("the guide has no step " + last);
    }

    /** On Entra's pages. Nothing is done here but what one can do there, and nothing is entered but what the step says. */
    private void atEntra(Step step) {
        switch (step.id()) {
            case "app" -> {
                JsonPath app = entra.register(Map.of(
                        "name",
                        step.value("displayName"),
                        "signInAudience",
                        Optional.ofNullable(AUDIENCES.get(step.value("signInAudience")))
                                .orElseThrow()));
                note(step, "clientId", app.getString("clientId"));
                note(step, "tenantId", app.getString("tenantId"));
            }
            case "redirect" -> entra.app(noted.get("clientId"), Map.of("redirectUris", step.values("redirectUri")));
            case "permissions" ->
                entra.app(
                        noted.get("clientId"),
                        Map.of(
                                "permissions",
                                Map.of(
                                        "delegated",
                                        step.words("delegated"),
                                        "application",
                                        step.words("application"))));
            case "secret" -> {
                String secret = UUID.randomUUID().toString();
                entra.app(noted.get("clientId"), Map.of("secrets", List.of(secret)));
                note(step, "secret", secret);
            }
            case "consent" -> consent();
            default -> throw new AssertionError("nobody told how " + step.id() + " is done in Entra");
        }
    }

    /** Only what the step says that it brings is noted. */
    private void note(Step step, String name, String value) {
        if (step.yields().contains(name)) {
            noted.put(name, value);
        }
    }

    private void consent() {
        FormBrowser browser = FormBrowser.create();
        FormBrowser.Page question =
                browser.submit(browser.open(consentUrl()), Map.of("login", Seed.ADA, "passwd", Seed.PASSWORD));
        FormBrowser.Page page = browser.submit(question, Map.of("consent", "accept"));
        assertThat(page.status()).as(page.body()).isEqualTo(200);
        assertThat(page.uri().getPath()).isEqualTo("/oauth2/callback");
        assertThat(page.body()).contains("data-m365-reason=\"admin-consent-given\"");
        application().forEach(permission -> assertThat(page.body()).contains("<li>" + permission + "</li>"));
    }

    private String consentUrl() {
        return guide().extract().path("steps.find { it.id == 'consent' }.values.find { it.link }.value");
    }

    private List<String> application() {
        return guide().extract().path("permissions.application.name");
    }

    private Set<String> roles() {
        String token = token("service").statusCode(200).extract().path("accessToken");
        return GrantedPermissions.roles(token).orElseThrow();
    }

    private void atTheConnector(Step step, String upn) {
        if (step.id().equals("users")) {
            tell(step.value("upnField"), upn);
        }
        step.request().ifPresent(request -> {
            Map<String, Object> body = new HashMap<>(request.body());
            body.replaceAll((name, value) -> {
                String word = (String) value;
                return word.startsWith("{") ? noted.get(word.substring(1, word.length() - 1)) : word;
            });
            asAdmin()
                    .body(body)
                    .request(request.method(), request.path())
                    .then()
                    .statusCode(lessThan(300));
        });
    }

    /** The portal fills in that field of its user. */
    private void tell(String field, String upn) {
        publish(
                Topics.users(portal),
                ada.value(),
                Event.of(
                        UUID.randomUUID().toString(),
                        URI.create("/intrexx/" + portal),
                        PortalUserChanged.TYPE,
                        clock().instant(),
                        new PortalUserChanged(ada, Map.of(field, upn), List.of(), List.of())));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(linkOfTheUserOrNone()).isPresent());
    }

    /** Nobody says here who is expected: the portal has told that. */
    private String linkOfTheUser() {
        return linkOfTheUserOrNone().orElseThrow();
    }

    private Optional<String> linkOfTheUserOrNone() {
        return Optional.ofNullable(asPortal()
                .body(Map.of("portaluser", ada.value(), "display", "popup"))
                .post(registrationPath("/logins"))
                .then()
                .extract()
                .path("loginUrl"));
    }

    private record Request(String method, String path, Map<String, Object> body) {}

    /** A step of the guide, as it came. */
    private record Step(Map<String, Object> json) {

        String id() {
            return (String) json.get("id");
        }

        String side() {
            return (String) json.get("side");
        }

        @SuppressWarnings("unchecked")
        List<String> yields() {
            return (List<String>) json.get("yields");
        }

        String value(String name) {
            return values(name).get(0);
        }

        @SuppressWarnings("unchecked")
        List<String> values(String name) {
            return ((List<Map<String, Object>>) json.get("values"))
                    .stream()
                            .filter(value -> value.get("name").equals(name))
                            .map(value -> (String) value.get("value"))
                            .toList();
        }

        List<String> words(String name) {
            return values(name).stream()
                    .flatMap(words -> List.of(words.split(" ", -1)).stream())
                    .toList();
        }

        @SuppressWarnings("unchecked")
        Optional<Request> request() {
            return Optional.ofNullable((Map<String, Object>) json.get("request"))
                    .map(request -> new Request(
                            (String) request.get("method"), (String) request.get("path"), (Map<String, Object>)
                                    request.get("body")));
        }
    }
}
