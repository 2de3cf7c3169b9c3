package org.m365connector.auth.login;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;
import org.m365connector.emulator.browser.FormBrowser.Page;

/** Links that are sent on are looked at by more than the one they are for. */
@QuarkusTest
class StartPageIT extends AuthIT {

    private static final String BOT = "portal-bot";

    @BeforeEach
    void registered() {
        onboard();
        register();
        asAdmin()
                .body(Map.of("name", BOT, "upn", Seed.PORTAL))
                .post(registrationPath("/accounts"))
                .then()
                .statusCode(201);
    }

    @Test
    void aMailScannerThatOpensALinkDoesNotUseItUp() {
        String link = staticLink(BOT);

        for (int scanner = 0; scanner < 3; scanner++) {
            given().redirects().follow(false).get(link).then().statusCode(200);
        }
        given().redirects().follow(false).head(link).then().statusCode(200);

        assertThat(signIn(link, Seed.PORTAL).body()).contains("data-m365-result=\"done\"");
        given().get(link).then().statusCode(410).body(containsString("data-m365-reason=\"ticket-used\""));
    }

    @Test
    void aLinkForAParkedActionIsNotUsedUpByLookingEither() {
        tell(ben, Seed.BEN);
        String link = asService()
                .body(Map.of(
                        "portal",
                        portal.value(),
                        "registration",
                        REGISTRATION,
                        "account",
                        "user:" + ben,
                        "reason",
                        "login-required"))
                .post("/internal/logins")
                .then()
                .statusCode(200)
                .extract()
                .path("loginUrl");

        given().redirects().follow(false).get(link).then().statusCode(200).body(containsString("name=\"go\""));

        assertThat(signIn(link, Seed.BEN).body()).contains("data-m365-result=\"done\"");
    }

    @Test
    void theTicketOfAPopUpGoesStraightToMicrosoft() {
        given().redirects().follow(false).get(loginUrl(ben, Seed.BEN)).then().statusCode(303);
    }

    @Test
    void theButtonWorksOnlyWhereThePageWasShown() {
        String link = staticLink(BOT);
        Response shown = given().redirects().follow(false).get(link);
        Matcher nonce = Pattern.compile("name=\"nonce\" value=\"([\\w-]{43})\"")
                .matcher(shown.body().asString());
        assertThat(nonce.find()).isTrue();
        assertThat(shown.header("Set-Cookie"))
                .startsWith("m365-start-")
                .contains("HttpOnly")
                .containsIgnoringCase("SameSite=Lax");

        // Without the cookie, with another page's value, without any: nothing happens.
        given().formParam("nonce", nonce.group(1)).post(link).then().statusCode(403);
        given().cookies(shown.cookies())
                .formParam("nonce", "another")
                .post(link)
                .then()
                .statusCode(403);
        given().cookies(shown.cookies()).post(link).then().statusCode(403);

        given().cookies(shown.cookies())
                .formParam("nonce", nonce.group(1))
                .post(link)
                .then()
                .statusCode(200)
                .body(containsString("http-equiv=\"refresh\""))
                .body(containsString("/oauth2/v2.0/authorize?"));
        given().cookies(shown.cookies())
                .formParam("nonce", nonce.group(1))
                .post(link)
                .then()
                .statusCode(410);
    }

    @Test
    void itSaysWhoAsksWhoIsExpectedAndWhatHappensNext() {
        asAdmin()
                .body(Map.of("name", "<script>alert(1)</script> & Co"))
                .patch("/api/portals/" + portal)
                .then()
                .statusCode(200);

        String page = given().header("Accept-Language", "de")
                .get(staticLink(BOT))
                .then()
                .statusCode(200)
                .header("Content-Security-Policy", containsString("form-action 'self'"))
                .extract()
                .asString();

        assertThat(page)
                .contains("lang=\"de\"")
                .contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co")
                .contains("https://portal.example")
                .contains(Seed.PORTAL)
                .contains("Weiter zu Microsoft")
                .doesNotContain("<script");
    }

    @Test
    void itWorksWithoutJavaScript() {
        FormBrowser browser = FormBrowser.create();
        Page start = browser.open(staticLink(BOT));
        Page login = browser.submit(start, Map.of());

        assertThat(login.uri().getPath()).endsWith("/oauth2/v2.0/authorize");
        assertThat(browser.signIn(login, Seed.PORTAL, Seed.PASSWORD).body()).contains("data-m365-result=\"done\"");
    }
}
