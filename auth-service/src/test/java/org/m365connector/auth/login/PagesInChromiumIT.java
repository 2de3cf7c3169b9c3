package org.m365connector.auth.login;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.auth.AuthProblem;
import org.m365connector.auth.registration.LoginUrls;
import org.m365connector.emulator.Seed;

/**
 * Every page that people see, on a small phone: nothing is cut off, everything can be reached and has a name, and the page's own
 * policy lets it be as it is meant. With {@code -Dscreenshots=true} all of them are photographed, on a desk too.
 */
@QuarkusTest
class PagesInChromiumIT extends AuthIT {

    /** The smallest target that WCAG 2.2 (2.5.8) lets pass. */
    private static final double SMALLEST_TARGET = 24;

    private static final String LONG_NAME =
            "maximiliane-alexandra.von-und-zu-hohenlohe-waldenburg@subsidiary.contoso.example";

    /** One question for everything: each takes its way to the browser and back. */
    private static final String LOOK = """
            () => ({
                language: document.documentElement.lang,
                title: document.title,
                headings: document.querySelectorAll('h1').length,
                width: document.documentElement.scrollWidth,
                html: document.documentElement.outerHTML
            })""";

    /** What is not shown has no boxes. */
    private static final String CONTROLS = """
            () => [...document.querySelectorAll('a, button, input:not([type=hidden])')]
                .filter(e => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden')
                .map(e => ({
                    left: e.getBoundingClientRect().left,
                    right: e.getBoundingClientRect().right,
                    height: e.getBoundingClientRect().height,
                    shown: e.outerHTML,
                    name: e.innerText || e.labels?.[0]?.innerText || e.ariaLabel || ''
                }))""";

    private static ChromiumOfTests chromium;

    @Inject
    LoginUrls urls;

    private final SoftAssertions all = new SoftAssertions();

    @BeforeAll
    static void startBrowser() {
        chromium = ChromiumOfTests.shared();
    }

    @BeforeEach
    void registered() {
        onboard();
        register();
    }

    @Test
    void everyOutcomeHasAPageThatIsReadableOnAPhone() {
        for (String language : List.of("en", "de")) {
            try (BrowserContext phone = chromium.personWithAPhone(language)) {
                Page page = phone.newPage();
                for (Outcome outcome : Outcome.values()) {
                    show(page, outcome, language);
                    look(page, language, "result-" + outcome.slug());
                    assertFocused(page, "h1", outcome.slug());
                    all.assertThat(page.getByRole(outcome.isGood() ? AriaRole.STATUS : AriaRole.ALERT)
                                    .count())
                            .as("role of %s", outcome)
                            .isEqualTo(1);
                }
            }
            onADesk(language, desk -> {
                for (Outcome outcome : Outcome.values()) {
                    show(desk, outcome, language);
                    ChromiumOfTests.photograph(desk, "desk-" + language + "-result-" + outcome.slug());
                }
            });
        }
        assertNothingToComplain();
    }

    @Test
    void whatLeadsThereIsReadableOnAPhone() {
        asAdmin()
                .body(Map.of("name", "bot", "upn", LONG_NAME))
                .post(registrationPath("/accounts"))
                .then()
                .statusCode(201);
        String link = staticLink("bot");
        for (String language : List.of("en", "de")) {
            try (BrowserContext phone = chromium.personWithAPhone(language)) {
                Page page = phone.newPage();
                page.navigate(link);
                look(page, language, "start");
                assertThat(page.getByRole(AriaRole.BUTTON)).hasCount(1);
                TemplateInstance go = BrowserResource.Templates.go(urls.ticket("x"), urls.base(), language);
                serve(page, language, go, "go", html -> html.replace("http-equiv=\"refresh\"", ""));
                look(page, language, "go");
            }
            onADesk(language, desk -> {
                desk.navigate(link);
                ChromiumOfTests.photograph(desk, "desk-" + language + "-start");
            });
        }
        assertNothingToComplain();
    }

    @Test
    void theSetupGuideIsReadableOnAPhone() {
        for (String language : List.of("en", "de")) {
            try (BrowserContext phone = chromium.personWithAPhone(language)) {
                Page page = phone.newPage();
                openGuide(page);
                look(page, language, "setup-key");
                fillInTheKey(page);
                look(page, language, "setup");
                assertFocused(page, "#title", "setup");
            }
            onADesk(language, desk -> {
                openGuide(desk);
                ChromiumOfTests.photograph(desk, "desk-" + language + "-setup-key");
                fillInTheKey(desk);
                ChromiumOfTests.photograph(desk, "desk-" + language + "-setup");
            });
        }
        try (BrowserContext phone = chromium.personWithAPhone("en")) {
            Page page = phone.newPage();
            openGuide(page);
            page.fill("#key", "wrong");
            page.keyboard().press("Enter");
            assertThat(page.getByRole(AriaRole.STATUS)).not().hasText("");
            look(page, "en", "setup-refused");
        }
        assertNothingToComplain();
    }

    @Test
    void pagesOfProblemsAreReadableOnAPhone() {
        for (String language : List.of("en", "de")) {
            try (BrowserContext phone = chromium.personWithAPhone(language)) {
                Page page = phone.newPage();
                for (AuthProblem problem : ChromiumOfTests.PHOTOGRAPH ? List.of(AuthProblem.values()) : longest()) {
                    page.navigate(urls.base() + "/problems/" + problem.slug());
                    look(page, language, "problem-" + problem.slug());
                }
            }
        }
        assertNothingToComplain();
    }

    /** Microsoft's pages as we play them: nobody's to judge, but a demo that looks broken convinces nobody. */
    @Test
    void thePagesOfTheEmulatorAreReadableOnAPhone() {
        try (BrowserContext phone = chromium.personWithAPhone("en")) {
            Page page = phone.newPage();
            page.navigate(loginUrl(ben, Seed.BEN));
            look(page, "en", "emulator-login");
            page.fill("input[name=passwd]", "wrong");
            page.click("button.main");
            page.waitForSelector(".error");
            look(page, "en", "emulator-login-refused");
            entra.account(Seed.BEN, Map.of("mfaRequired", true));
            page.fill("input[name=passwd]", Seed.PASSWORD);
            page.click("button.main");
            page.waitForSelector("input[name=otc]");
            look(page, "en", "emulator-second-factor");
            page.fill("input[name=otc]", Seed.SECOND_FACTOR);
            page.click("button.main");
            page.waitForSelector("button[value=accept]");
            look(page, "en", "emulator-consent");
            page.click("button[value=accept]");
            page.waitForSelector("[role=status]");
            entra.account(Seed.BEN, Map.of("mfaRequired", false));
            page.navigate(loginUrl(ada, Seed.CLARA));
            page.fill("input[name=login]", Seed.BEN);
            page.fill("input[name=passwd]", Seed.PASSWORD);
            page.click("button.main");
            page.click("button[name=again]");
            page.waitForSelector("button[value=other]");
            look(page, "en", "emulator-pick");
            page.navigate(entra.base() + "/devicelogin");
            look(page, "en", "emulator-device");
            page.navigate(entra.base() + "/" + Seed.TENANT_ID + "/oauth2/v2.0/authorize?client_id=nobody");
            look(page, "en", "emulator-error");
        }
        all.assertAll();
    }

    @Test
    void whatBreaksThePolicyOrIsTooWideIsNoticed() {
        try (BrowserContext phone = chromium.personWithAPhone("en")) {
            Page page = phone.newPage();
            serve(page, "bad", "<!doctype html><script>alert(1)</script><button>" + "x".repeat(200) + "</button>");

            assertThat(chromium.complaints()).isNotEmpty();
            assertThat(cutOff(page)).hasSize(1);
        }
    }

    private interface Visitor {
        void visit(Page page);
    }

    private interface Change {
        String of(String html);
    }

    private static void onADesk(String language, Visitor visitor) {
        if (ChromiumOfTests.PHOTOGRAPH) {
            try (BrowserContext desk = chromium.personAtADesk(language)) {
                visitor.visit(desk.newPage());
            }
        }
    }

    private void openGuide(Page page) {
        page.navigate(urls.base() + registrationPath("/setup"));
    }

    private static void fillInTheKey(Page page) {
        page.fill("#key", ADMIN_KEY);
        page.keyboard().press("Enter");
        page.waitForSelector("#steps");
    }

    private static List<AuthProblem> longest() {
        return List.of(AuthProblem.values()).stream()
                .sorted((one, other) ->
                        Integer.compare(other.slug().length(), one.slug().length()))
                .limit(3)
                .toList();
    }

    /** With everything on it that such a page can have. */
    private void show(Page page, Outcome outcome, String language) {
        Visit visit = new Visit(
                "Contoso Intranet",
                List.of("https://portal.example"),
                REGISTRATION,
                "current-user",
                Optional.of(ben.value()),
                outcome == Outcome.INPROGRESS ? Optional.empty() : Optional.of("https://portal.example/app"),
                false,
                Optional.of("DELETE /api/portals/" + portal + "/registrations/" + REGISTRATION + "/logins/" + ben
                        + "/pin"));
        LoginResult result = new LoginResult(
                outcome,
                Optional.of(LONG_NAME),
                Optional.of(Seed.CLARA),
                outcome.isGood() ? Optional.empty() : Optional.of("interaction_required AADSTS50076"),
                Optional.empty(),
                outcome.mayTryAgain() ? Optional.of("state") : Optional.empty(),
                outcome == Outcome.ADMINCONSENTGIVEN ? List.of("ChannelMessage.Read.All", "Mail.ReadWrite") : List.of(),
                outcome == Outcome.ADMINCONSENTPENDING ? List.of("ChannelMessage.Read.All") : List.of(),
                Optional.of(visit));
        serve(
                page,
                language,
                BrowserResource.Templates.result(result, urls.base(), language),
                outcome.slug(),
                // The page that looks again by itself would be another one before we have looked.
                html -> html.replace("http-equiv=\"refresh\"", ""));
    }

    /** On our origin and under our pages' own policy. */
    private void serve(Page page, String language, TemplateInstance template, String name, Change change) {
        template.setLocale(Locale.forLanguageTag(language));
        serve(page, name, change.of(template.render()));
    }

    private void serve(Page page, String name, String html) {
        String policy = given().get("/login/no-such-ticket").header("Content-Security-Policy");
        String url = urls.base() + "/shown/" + name;
        page.route(
                url,
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("text/html;charset=UTF-8")
                        .setHeaders(Map.of("Content-Security-Policy", policy))
                        .setBodyBytes(html.getBytes(StandardCharsets.UTF_8))));
        page.navigate(url);
        page.unroute(url);
    }

    private void look(Page page, String language, String name) {
        String where = language + "-" + name;
        Map<?, ?> seen = (Map<?, ?>) page.evaluate(LOOK);
        all.assertThat(seen.get("language")).as("language of %s", where).isEqualTo(language);
        all.assertThat((String) seen.get("title")).as("title of %s", where).isNotBlank();
        all.assertThat(seen.get("headings")).as("headings of %s", where).isEqualTo(1);
        all.assertThat(((Number) seen.get("width")).intValue())
                .as("width of %s", where)
                .isLessThanOrEqualTo(ChromiumOfTests.PHONE_WIDTH);
        all.assertThat(cutOff(page)).as("cut off on %s", where).isEmpty();
        all.assertThat((String) seen.get("html")).as("texts of %s", where).doesNotContain("NOT_FOUND");
        ChromiumOfTests.photograph(page, "phone-" + where);
    }

    /** Soon: the page's script gives the focus, when it has run. */
    private void assertFocused(Page page, String element, String name) {
        all.assertThatCode(() -> assertThat(page.locator(element)).isFocused())
                .as("focus of %s", name)
                .doesNotThrowAnyException();
    }

    /** What can be pressed or filled in and cannot be reached, is too small, or has no name. */
    private static List<String> cutOff(Page page) {
        List<String> found = new ArrayList<>();
        for (Object one : (List<?>) page.evaluate(CONTROLS)) {
            Map<?, ?> control = (Map<?, ?>) one;
            double left = ((Number) control.get("left")).doubleValue();
            double right = ((Number) control.get("right")).doubleValue();
            double height = ((Number) control.get("height")).doubleValue();
            String shown = (String) control.get("shown");
            boolean inside = left >= 0 && right <= ChromiumOfTests.PHONE_WIDTH;
            if (!inside || (height < SMALLEST_TARGET && !shown.startsWith("<a"))) {
                found.add(shown);
            }
            if (((String) control.get("name")).isBlank()) {
                found.add("without a name: " + shown);
            }
        }
        return found;
    }

    private void assertNothingToComplain() {
        all.assertThat(chromium.complaints()).isEmpty();
        all.assertAll();
    }
}
