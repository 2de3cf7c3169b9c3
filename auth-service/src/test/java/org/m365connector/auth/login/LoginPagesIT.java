package org.m365connector.auth.login;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.auth.registration.LoginUrls;
import org.m365connector.events.LoginMode;

/** Every page in both languages, as a person with a small screen, a keyboard or a screen reader meets it. */
@QuarkusTest
class LoginPagesIT extends AuthIT {

    private static final List<Locale> LANGUAGES = List.of(Locale.ENGLISH, Locale.GERMAN);

    @Inject
    LoginUrls urls;

    @Test
    void everyPageCanBeReadUsedByKeyboardAndSpokenInBothLanguages() {
        try (ChromiumOfTests chromium = ChromiumOfTests.start()) {
            for (Locale language : LANGUAGES) {
                try (BrowserContext person = chromium.person(language.toLanguageTag())) {
                    Page page = person.newPage();
                    pages(language).forEach((name, html) -> check(page, name + "-" + language.getLanguage(), html));
                }
            }
        }
    }

    private static void check(Page page, String name, String html) {
        // The first address that is not a portal's page has the right origin for style sheet and focus.
        page.navigate("about:blank");
        page.setViewportSize(360, 640);
        page.setContent(html);
        assertThat(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
                .as("%s fits a small screen", name)
                .isEqualTo(true);
        page.setViewportSize(620, 700);
        ChromiumOfTests.photograph(page, name);
        assertThat(page.locator("html").getAttribute("lang")).as(name).isEqualTo(name.substring(name.length() - 2));
        assertThat(page.title()).as(name).isNotBlank();
        assertThat(page.locator("h1").count()).as(name).isEqualTo(1);
        assertThat(page.locator("main").count()).as(name).isEqualTo(1);
        assertThat(page.locator("[style], [onclick], script:not([src]), style").count())
                .as("%s has nothing inline", name)
                .isZero();
        for (var control : page.locator("a, button").all()) {
            assertThat(control.innerText())
                    .as("%s: every control has a name", name)
                    .isNotBlank();
            control.focus();
            assertThat(control.evaluate("element => element === document.activeElement"))
                    .as("%s: every control takes the focus", name)
                    .isEqualTo(true);
        }
    }

    private Map<String, String> pages(Locale language) {
        Map<String, String> pages = new LinkedHashMap<>();
        String base = urls.base();
        String lang = language.getLanguage();
        for (LoginMode mode : List.of(LoginMode.STATIC, LoginMode.BROWSER)) {
            StartPage start = new StartPage(
                    "Contoso Intranet",
                    Optional.of("https://intranet.contoso.example"),
                    REGISTRATION,
                    mode == LoginMode.STATIC ? "portal-bot" : "current-user",
                    mode,
                    Optional.of("a.rather.long.name@a-rather-long-domain.contoso.example"),
                    "login.microsoftonline.com",
                    clock().instant());
            pages.put(
                    "start-" + mode.name().toLowerCase(Locale.ROOT),
                    render(
                            BrowserResource.Templates.start(start, base + "/login/x", "nonce", "12:00 UTC", base, lang),
                            language));
        }
        pages.put(
                "go",
                // Leads nowhere, or the page could not be looked at.
                render(BrowserResource.Templates.go("about:blank", base, lang), language)
                        .replace("http-equiv=\"refresh\"", "name=\"led-on\""));
        for (Outcome outcome : Outcome.values()) {
            pages.put(
                    "result-" + outcome.slug(),
                    render(BrowserResource.Templates.result(result(outcome), base, lang), language)
                            .replace("http-equiv=\"refresh\"", "name=\"led-on\""));
        }
        return pages;
    }

    private static String render(TemplateInstance page, Locale language) {
        page.setLocale(language);
        return page.render();
    }

    private static LoginResult result(Outcome outcome) {
        boolean known = outcome.mayTryAgain() || outcome == Outcome.SIGNEDIN || outcome == Outcome.POLICYBLOCKED;
        return new LoginResult(
                outcome,
                Optional.of("ben@contoso.example"),
                Optional.of("clara@contoso.example"),
                outcome == Outcome.POLICYBLOCKED || outcome == Outcome.ADMINCONSENT
                        ? Optional.of("AADSTS53003")
                        : Optional.empty(),
                Optional.empty(),
                outcome.mayTryAgain() ? Optional.of("state") : Optional.empty(),
                outcome == Outcome.ADMINCONSENTGIVEN ? List.of("Mail.Read", "User.Read.All") : List.of(),
                known ? Optional.of(visit(outcome)) : Optional.empty());
    }

    private static Visit visit(Outcome outcome) {
        String user = "0A1B2C3D4E5F60718293A4B5C6D7E8F901234567";
        return new Visit(
                "Contoso Intranet",
                List.of("https://intranet.contoso.example"),
                REGISTRATION,
                "current-user",
                Optional.of(user),
                outcome == Outcome.ENTRAREFUSED
                        ? Optional.of("https://intranet.contoso.example/app")
                        : Optional.empty(),
                false,
                Optional.of("DELETE /api/portals/demo/registrations/Main/logins/" + user + "/pin"));
    }
}
