package org.m365connector.auth.login;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.auth.registration.Registrations;
import org.m365connector.emulator.Seed;
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
        entra.app(Seed.CLIENT_ID, Map.of("grants", List.of("Mail.Read", "User.Read.All")));
        token("service").statusCode(200);
        long before = generation();

        agreed(state(link()), "11111111-1111-4111-8111-111111111111")
                .statusCode(200)
                .body(containsString("data-m365-reason=\"admin-consent-given\""))
                .body(containsString("<li>Mail.Read</li><li>User.Read.All</li>"));

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
