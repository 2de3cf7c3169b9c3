package org.m365connector.auth.login;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.auth.registration.LoginUrls;
import org.m365connector.emulator.Seed;
import org.m365connector.events.LoginCompleted;
import org.m365connector.events.Topics;

/** A portal's page on one origin, our pages on another, Microsoft's on a third, in a real browser. */
@QuarkusTest
class LoginInChromiumIT extends AuthIT {

    private static final LocatorAssertions.ContainsTextOptions SOON =
            new LocatorAssertions.ContainsTextOptions().setTimeout(ChromiumOfTests.PATIENCE_MS);

    /** Looks at how things stand, five a second; a window that looks closed is believed after 1.5 seconds. */
    private static final int LONGER_THAN_CLOSED_AFTER = 15;

    private static ChromiumOfTests chromium;

    @jakarta.inject.Inject
    LoginUrls urls;

    @jakarta.inject.Inject
    Attempts attempts;

    private PortalOfTests page;
    private String display = "popup";

    @BeforeAll
    static void startBrowser() {
        chromium = ChromiumOfTests.shared();
    }

    @BeforeEach
    void portalWithAPage() {
        onboard();
        register();
        page = new PortalOfTests(urls.base() + "/login/m365-login.js", this::newTicket, () -> asPortal()
                .get(registrationPath("/logins/" + ben)));
        asAdmin()
                .body(Map.of("origins", List.of(page.origin()), "name", "Contoso Intranet"))
                .patch("/api/portals/" + portal)
                .then()
                .statusCode(200);
    }

    @AfterEach
    void stopPage() {
        if (page != null) {
            page.close();
        }
    }

    @AfterEach
    void noBrowserComplained() {
        assertThat(chromium.complaints()).isEmpty();
    }

    private Response newTicket() {
        Map<String, Object> body = new HashMap<>(Map.of("portaluser", ben.value(), "upn", Seed.BEN));
        body.put("display", display);
        if (display.equals("redirect")) {
            body.put("returnUrl", page.origin() + "/app?tab=2");
        }
        return asPortal().body(body).post(registrationPath("/logins"));
    }

    @Test
    void inAPopUpThePersonSignsInAndThePortalIsToldAndTheWindowCloses() {
        try (BrowserContext person = chromium.person("en-US")) {
            Page portalPage = portalPage(person);
            Page popUp = portalPage.waitForPopup(() -> portalPage.click("#sign-in"));

            signInAs(popUp, Seed.BEN);

            assertEnd(portalPage, "done signed-in");
            // Playwright hears of its events only while it waits itself, in the thread that made it.
            portalPage.waitForCondition(popUp::isClosed);
            assertThat(state(ben)).isEqualTo("ready");
        }
    }

    @Test
    void theSecondTimeNoPageIsShown() {
        try (BrowserContext person = chromium.person("en-US")) {
            Page portalPage = portalPage(person);
            Page popUp = portalPage.waitForPopup(() -> portalPage.click("#sign-in"));
            signInAs(popUp, Seed.BEN);
            assertEnd(portalPage, "done signed-in");

            portalPage.reload();
            portalPage.waitForPopup(() -> portalPage.click("#sign-in"));

            // Nobody fills anything in.
            assertEnd(portalPage, "done signed-in");
            await().atMost(PATIENCE)
                    .until(
                            () -> types(Topics.logins(portal), ben.value()),
                            List.of(LoginCompleted.TYPE, LoginCompleted.TYPE)::equals);
        }
    }

    @Test
    void whoClosesTheWindowIsNotWaitedForForEver() {
        try (BrowserContext person = chromium.person("en-US")) {
            Page portalPage = portalPage(person);
            Page popUp = portalPage.waitForPopup(() -> portalPage.click("#sign-in"));
            popUp.waitForSelector("input[name=passwd]");
            // Long enough to be sure that Microsoft's page does not cut it off.
            portalPageAsksFor(portalPage, LONGER_THAN_CLOSED_AFTER);

            popUp.close();

            assertEnd(portalPage, "closed window-closed");
        }
    }

    @Test
    void aWindowThatMicrosoftCutsOffIsNotTakenForClosedWhileSomebodyIsInIt() {
        entra.signInPagesCutOpener();
        try (BrowserContext person = chromium.person("en-US")) {
            Page portalPage = portalPage(person);
            Page popUp = cutOff(portalPage);
            portalPageAsksFor(portalPage, LONGER_THAN_CLOSED_AFTER);
            assertThat(portalPage.locator("#end")).hasText("");

            signInAs(popUp, Seed.CLARA);
            assertThat(portalPage.locator("#hint")).containsText("wrong-person", SOON);
            popUp.click("button[name=again]");
            popUp.click("button[value=other]");
            portalPageAsksFor(portalPage, LONGER_THAN_CLOSED_AFTER);
            assertThat(portalPage.locator("#end")).hasText("");

            signInAs(popUp, Seed.BEN);
            assertEnd(portalPage, "done signed-in");
            assertThat(popUp.locator("[role=status] h1")).containsText("You are signed in");
            assertThat(state(ben)).isEqualTo("ready");
        }
    }

    @Test
    void whoCancelsInAWindowThatIsCutOffIsHeardOfToo() {
        entra.signInPagesCutOpener();
        try (BrowserContext person = chromium.person("en-US")) {
            Page portalPage = portalPage(person);
            Page popUp = cutOff(portalPage);

            popUp.click("button[name=cancel]");

            assertEnd(portalPage, "failed cancelled");
        }
    }

    @Test
    void aWindowThatIsCutOffIsGivenUpOnceNobodyCanBeSigningInAnyMore() {
        entra.signInPagesCutOpener();
        try (BrowserContext person = chromium.person("en-US")) {
            Page portalPage = portalPage(person);
            cutOff(portalPage).close();
            portalPageAsksFor(portalPage, LONGER_THAN_CLOSED_AFTER);
            assertThat(portalPage.locator("#end")).hasText("");

            QuarkusTransaction.requiringNew()
                    .run(() -> attempts.update(
                            "expiresAt = ?1 where accountId in (select id from Account where portalId = ?2)",
                            clock().instant().minus(Duration.ofSeconds(1)),
                            portal.value()));

            assertEnd(portalPage, "closed window-closed");
        }
    }

    @Test
    void whereTheWindowIsBlockedALinkDoesTheSame() {
        try (BrowserContext person = chromium.person("en-US")) {
            person.addInitScript("window.open = () => null;");
            Page portalPage = portalPage(person);
            portalPage.click("#sign-in");
            Locator link = portalPage.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Open the window"));
            assertThat(portalPage.getByRole(AriaRole.ALERT)).containsText("blocked");
            ChromiumOfTests.photograph(portalPage, "flow-blocked-en");

            Page window = portalPage.waitForPopup(link::click);
            signInAs(window, Seed.BEN);

            assertEnd(portalPage, "done signed-in");
            assertThat(link).hasCount(0);
            portalPage.waitForCondition(window::isClosed);
        }
    }

    @Test
    void theLinkIsReachedByTheKeyboardAndItsWindowIsListenedTo() {
        try (BrowserContext person = chromium.person("de-DE")) {
            person.addInitScript(
                    "const real = window.open; let calls = 0; window.open = (...all) => calls++ ? real(...all) : null;");
            Page portalPage = portalPage(person);
            portalPage.evaluate("document.documentElement.lang = 'de'");
            portalPage.focus("#sign-in");
            portalPage.keyboard().press("Enter");
            Locator link = portalPage.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Fenster öffnen"));
            assertThat(link).isFocused();

            Page window = portalPage.waitForPopup(() -> portalPage.keyboard().press("Enter"));
            signInAs(window, Seed.CLARA);
            assertThat(portalPage.locator("#hint")).containsText("wrong-person", SOON);
            window.close();

            assertEnd(portalPage, "failed wrong-person");
        }
    }

    @Test
    void whoCancelsAtMicrosoftReadsWhatToDoAndThePortalHearsIt() {
        try (BrowserContext person = chromium.person("en-US")) {
            Page portalPage = portalPage(person);
            Page popUp = portalPage.waitForPopup(() -> portalPage.click("#sign-in"));

            popUp.click("button[name=cancel]");

            assertEnd(portalPage, "failed cancelled");
            assertThat(popUp.locator("[role=alert] h1")).containsText("Sign-in cancelled");
            ChromiumOfTests.photograph(popUp, "flow-cancelled-en");
        }
    }

    @Test
    void theWrongAccountIsRefusedAndTheRightOneChosenInTheSameWindow() {
        try (BrowserContext person = chromium.person("en-US")) {
            Page portalPage = portalPage(person);
            Page popUp = portalPage.waitForPopup(() -> portalPage.click("#sign-in"));
            signInAs(popUp, Seed.CLARA);
            assertThat(popUp.locator("dl")).containsText(Seed.BEN);
            assertThat(popUp.locator("dl")).containsText(Seed.CLARA);
            assertThat(portalPage.locator("#hint")).containsText("wrong-person", SOON);
            ChromiumOfTests.photograph(popUp, "flow-wrong-person-en");

            popUp.click("button[name=again]");
            popUp.click("button[value=other]");
            signInAs(popUp, Seed.BEN);

            assertEnd(portalPage, "done signed-in");
            assertThat(state(ben)).isEqualTo("ready");
        }
    }

    @Test
    void aGermanReadsGermanAndALinkFromAMailNeedsNoScript() {
        asAdmin()
                .body(Map.of("name", "bot", "upn", Seed.PORTAL))
                .post(registrationPath("/accounts"))
                .then()
                .statusCode(201);
        try (BrowserContext person = chromium.personWithoutScripts("de-DE")) {
            Page window = person.newPage();
            window.navigate(staticLink("bot"));
            assertThat(window.locator("h1")).containsText("Bei Microsoft 365 anmelden");
            ChromiumOfTests.photograph(window, "flow-start-de");

            window.click("button[name=go]");
            signInAs(window, Seed.PORTAL);

            assertThat(window.locator("[role=status] h1")).containsText("Sie sind angemeldet");
            ChromiumOfTests.photograph(window, "flow-signed-in-de");
        }
    }

    @Test
    void theRedirectWayLeadsThereAndBackInOneWindow() {
        display = "redirect";
        try (BrowserContext person = chromium.person("en-US")) {
            Page portalPage = portalPage(person);
            portalPage.click("#leave");

            signInAs(portalPage, Seed.BEN);

            assertEnd(portalPage, "done signed-in");
            assertThat(portalPage.url()).startsWith(page.origin() + "/app?tab=2&m365login=done");
        }
    }

    @Test
    void withTheKeyboardAloneOneComesThroughAllOfIt() {
        asAdmin()
                .body(Map.of("name", "bot", "upn", Seed.PORTAL))
                .post(registrationPath("/accounts"))
                .then()
                .statusCode(201);
        try (BrowserContext person = chromium.personWithAPhone("en-US")) {
            Page window = person.newPage();
            window.navigate(staticLink("bot"));
            press(window, "Tab", "Enter");

            typeAtMicrosoft(window, Seed.CLARA);
            assertThat(window.locator("h1")).isFocused();
            assertThat(window.locator("h1")).containsText("Somebody else signed in");

            press(window, "Tab");
            assertThat(window.getByRole(AriaRole.BUTTON)).isFocused();
            press(window, "Enter");
            window.focus("button[value=other]");
            press(window, "Enter");
            typeAtMicrosoft(window, Seed.PORTAL);
            assertThat(window.getByRole(AriaRole.STATUS)).containsText("You are signed in");
            assertThat(window.locator("h1")).isFocused();
        }
    }

    private static void typeAtMicrosoft(Page window, String upn) {
        window.waitForSelector("input[name=passwd]");
        window.focus("input[name=login]");
        press(window, "Control+A", "Backspace");
        window.keyboard().type(upn);
        press(window, "Tab");
        window.keyboard().type(Seed.PASSWORD);
        press(window, "Enter");
        window.waitForSelector("button[name=consent]");
        press(window, "Tab", "Enter");
        window.waitForURL("**/oauth2/callback?*");
    }

    private static void press(Page window, String... keys) {
        for (String key : keys) {
            window.keyboard().press(key);
        }
    }

    /** The window, once its opener has no hold of it any more. */
    private static Page cutOff(Page portalPage) {
        portalPage.evaluate("const open = window.open; window.open = (...all) => window.opened = open(...all);");
        Page popUp = portalPage.waitForPopup(() -> portalPage.click("#sign-in"));
        popUp.waitForSelector("input[name=passwd]");
        portalPage.waitForFunction("() => window.opened.closed");
        assertThat(popUp.isClosed()).isFalse();
        return popUp;
    }

    private void portalPageAsksFor(Page portalPage, int times) {
        int before = page.polls();
        portalPage.waitForCondition(() -> page.polls() >= before + times);
    }

    private Page portalPage(BrowserContext person) {
        Page portalPage = person.newPage();
        portalPage.navigate(page.url());
        return portalPage;
    }

    private static void signInAs(Page window, String upn) {
        window.fill("input[name=login]", upn);
        window.fill("input[name=passwd]", Seed.PASSWORD);
        window.click("button.main");
        window.click("button[name=consent][value=accept]");
    }

    private static void assertEnd(Page portalPage, String end) {
        assertThat(portalPage.locator("#end")).containsText(end, SOON);
    }
}
