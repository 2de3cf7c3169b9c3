package org.m365connector.auth.login;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.auth.entra.GrantedPermissions;
import org.m365connector.auth.registration.Registrations;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;

@QuarkusTest
class AdminConsentIT extends AuthIT {

    @Inject
    AdminConsent consent;

    @Inject
    Consents consents;

    @Inject
    Registrations registrations;

    @BeforeEach
    void registered() {
        onboard();
        register();
    }

    @Test
    void theLinkLeadsToTheTenantsConsentPageAndStaysTheSameUntilItIsUsed() {
        URI link = link();

        assertThat(link.toString())
                .startsWith(entra.base() + "/" + Seed.TENANT_ID + "/v2.0/adminconsent?")
                .contains("client_id=" + Seed.CLIENT_ID)
                .contains("scope=https%3A%2F%2Fgraph.microsoft.com%2F.default")
                .contains("oauth2%2Fcallback");
        assertThat(link()).isEqualTo(link);

        agreed(state(link), "11111111-1111-4111-8111-111111111111").statusCode(200);
        assertThat(link()).isNotEqualTo(link);
    }

    @Test
    void whatIsGrantedIsSeenFromATokenWhateverTenantTheBrowserNames() {
        token("service").statusCode(200);
        long before = generation();

        agreed(state(link()), "11111111-1111-4111-8111-111111111111")
                .statusCode(200)
                .body(containsString("data-m365-reason=\"admin-consent-given\""))
                .body(containsString("<li>Mail.ReadWrite</li><li>Mail.Send</li>"));

        // The token from before, without the new permissions, is not served any more.
        assertThat(generation()).isGreaterThan(before);
    }

    @Test
    void aStateWorksOnceAndOnlyIfItIsOurs() {
        String state = state(link());
        agreed(state, Seed.TENANT_ID).statusCode(200);
        long mark = entra.mark();

        agreed(state, Seed.TENANT_ID).statusCode(200).body(containsString("data-m365-reason=\"admin-consent-given\""));
        agreed("made-up", Seed.TENANT_ID).statusCode(400).body(containsString("data-m365-reason=\"attempt-unknown\""));
        given().get("/oauth2/callback?admin_consent=True&tenant=x").then().statusCode(400);

        assertThat(entra.tokenCallsSince(mark)).isZero();
    }

    @Test
    void whoDeclinesIsToldAndMayAskForANewLink() {
        given().queryParam("state", state(link()))
                .queryParam("admin_consent", "True")
                .queryParam("error", "consent_required")
                .queryParam("error_description", "AADSTS65004: <b>declined</b>")
                .get("/oauth2/callback")
                .then()
                .statusCode(403)
                .body(containsString("data-m365-reason=\"admin-consent-refused\""))
                .body(containsString("AADSTS65004"))
                .body(org.hamcrest.Matchers.not(containsString("declined</b>")));
    }

    @Test
    void anAnswerThatCannotBeVerifiedIsNotCalledASuccess() {
        entra.tokenFault(Map.of("status", 503));

        agreed(state(link()), Seed.TENANT_ID)
                .statusCode(502)
                .body(containsString("data-m365-reason=\"admin-consent-unverified\""));
    }

    @Test
    void aConsentThatEntraDoesNotShowYetIsSaidToBeSoAndFoundByItself() {
        asks(List.of("mail-read", "mail-send"));
        entra.app(Seed.CLIENT_ID, Map.of("grants", List.of()));
        entra.app(Seed.CLIENT_ID, Map.of("consentVisibleAfterSeconds", 3600));
        token("service").statusCode(200);
        assertThat(attentions()).containsExactly("consent-missing");

        // When an administrator consents
        FormBrowser browser = FormBrowser.create();
        FormBrowser.Page question =
                browser.submit(browser.open(link().toString()), Map.of("login", Seed.ADA, "passwd", Seed.PASSWORD));
        FormBrowser.Page page = browser.submit(question, Map.of("consent", "accept"));

        // Then what is lacking yet is named, and stays told of
        assertThat(page.status()).isEqualTo(202);
        assertThat(page.body())
                .contains("data-m365-reason=\"admin-consent-pending\"")
                .contains("<li>Mail.ReadWrite</li><li>Mail.Send</li>");
        long generation = generation();
        assertThat(attentions()).containsExactly("consent-missing");

        // And when Entra shows it, nobody has to do anything for the service account to have it
        entra.app(Seed.CLIENT_ID, Map.of("consentVisibleAfterSeconds", 0));
        await().atMost(PATIENCE).until(() -> attentions().isEmpty());
        assertThat(generation()).isGreaterThan(generation);
        assertThat(roles()).contains("Mail.ReadWrite", "Mail.Send");
        assertThat(browser.open(page.uri().toString()).body()).contains("data-m365-reason=\"admin-consent-given\"");
    }

    @Test
    void itIsLookedForAWhileOnly() {
        entra.app(Seed.CLIENT_ID, Map.of("grants", List.of()));
        String state = state(link());
        agreed(state, Seed.TENANT_ID).statusCode(202);
        long before = generation();
        QuarkusTransaction.requiringNew()
                .run(() -> consents.lookUpLocked(state).orElseThrow().usedAt =
                        clock().instant().minus(Duration.ofMinutes(31)));

        await().atMost(PATIENCE).until(() -> generation() > before);

        assertThat(QuarkusTransaction.requiringNew()
                        .call(() -> consents.lookUpLocked(state).orElseThrow().lookAt))
                .isNull();
        agreed(state, Seed.TENANT_ID).statusCode(202).body(containsString("admin-consent-pending"));
    }

    @Test
    void featuresThatTakeNoPermissionOfTheAppLackNone() {
        asks(List.of("teams-send"));
        entra.app(Seed.CLIENT_ID, Map.of("grants", List.of()));

        agreed(state(link()), Seed.TENANT_ID)
                .statusCode(200)
                .body(containsString("data-m365-reason=\"admin-consent-given\""));
        token("service").statusCode(200);
        assertThat(attentions()).isEmpty();
    }

    @Test
    void aProcessThatDiedWhileItVerifiedDoesNotKeepTheLink() {
        String state = state(link());
        assertThat(consent.claim(state)).isInstanceOf(AdminConsent.Claim.Taken.class);
        agreed(state, Seed.TENANT_ID).statusCode(409).body(containsString("data-m365-reason=\"in-progress\""));

        // When it has had all the time that it could need
        QuarkusTransaction.requiringNew()
                .run(() -> consents.lookUpLocked(state).orElseThrow().usedAt =
                        clock().instant().minusSeconds(7));

        agreed(state, Seed.TENANT_ID).statusCode(200).body(containsString("data-m365-reason=\"admin-consent-given\""));
    }

    @Test
    void aConsentWhoseProcessDiedIsLookedAtByItself() {
        long before = generation();
        String state = state(link());

        // Given a process that dies after it took the callback, and an administrator who has closed the page
        assertThat(consent.claim(state)).isInstanceOf(AdminConsent.Claim.Taken.class);

        // Then it is seen all the same
        await().atMost(PATIENCE).until(() -> generation() > before);
        agreed(state, Seed.TENANT_ID).statusCode(200).body(containsString("data-m365-reason=\"admin-consent-given\""));
    }

    @Test
    void anOldLinkIsTurnedAway() {
        String state = state(link());
        QuarkusTransaction.requiringNew()
                .run(() -> consents.lookUpLocked(state).orElseThrow().expiresAt =
                        clock().instant().minusSeconds(1));

        agreed(state, Seed.TENANT_ID).statusCode(410).body(containsString("data-m365-reason=\"consent-link-expired\""));
    }

    @Test
    void theStateOfALoginIsNoConsentAndOneOfAConsentNoLogin() {
        String login =
                given().redirects().follow(false).get(loginUrl(ben, Seed.BEN)).header("Location");
        agreed(state(URI.create(login)), Seed.TENANT_ID)
                .statusCode(403)
                .body(containsString("data-m365-reason=\"other-browser\""));

        given().queryParam("state", state(link()))
                .queryParam("code", "x")
                .get("/oauth2/callback")
                .then()
                .statusCode(403)
                .body(containsString("data-m365-reason=\"admin-consent-refused\""));
    }

    @Test
    void aDraftWithoutTenantHasNoLinkYet() {
        asAdmin()
                .body(Map.of(
                        "name",
                        "Draft",
                        "features",
                        List.of("mail-read"),
                        "accountTypes",
                        "business",
                        "administrator",
                        ada.value()))
                .post(path("/registrations"))
                .then()
                .statusCode(201);

        org.assertj.core.api.Assertions.assertThatThrownBy(() -> link("Draft")).isInstanceOf(ProblemException.class);
    }

    private io.restassured.response.ValidatableResponse agreed(String state, String tenant) {
        return given().queryParam("admin_consent", "True")
                .queryParam("tenant", tenant)
                .queryParam("state", state)
                .get("/oauth2/callback")
                .then();
    }

    private void asks(List<String> features) {
        asAdmin()
                .body(Map.of("features", features))
                .patch(registrationPath(""))
                .then()
                .statusCode(200);
    }

    private List<String> attentions() {
        return asAdmin()
                .get(path("/attention"))
                .then()
                .statusCode(200)
                .extract()
                .path("kind");
    }

    private Set<String> roles() {
        String token = token("service").statusCode(200).extract().path("accessToken");
        return GrantedPermissions.roles(token).orElseThrow();
    }

    private long generation() {
        return token("service").statusCode(200).extract().jsonPath().getLong("generation");
    }

    private URI link() {
        return link(REGISTRATION);
    }

    private URI link(String registration) {
        return QuarkusTransaction.requiringNew()
                .call(() -> consent.link(registrations.get(portal, new RegistrationName(registration))));
    }

    private static String state(URI link) {
        Matcher state = Pattern.compile("[?&]state=([^&]+)").matcher(link.toString());
        assertThat(state.find()).isTrue();
        return state.group(1);
    }
}
