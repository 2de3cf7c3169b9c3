package org.m365connector.auth.login;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A headless Chromium. Where there is none to drive, tests that need it are skipped and say so. */
final class ChromiumOfTests {

    static final double PATIENCE_MS = 90_000;

    static final int PHONE_WIDTH = 360;

    static final boolean PHOTOGRAPH = Boolean.getBoolean("screenshots");

    private static ChromiumOfTests shared;

    private final List<String> complaints = new ArrayList<>();
    private final Browser browser;

    private ChromiumOfTests(Path executable) {
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        List<String> arguments = new ArrayList<>(List.of(
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync"));
        BrowserType.LaunchOptions options =
                new BrowserType.LaunchOptions().setExecutablePath(executable).setArgs(arguments);
        browser = playwright.chromium().launch(options);
    }

    /** One for all tests: each of them is a person of its own in it. It ends with the process that has started it. */
    static synchronized ChromiumOfTests shared() {
        if (shared == null) {
            shared = new ChromiumOfTests(executable());
        }
        return shared;
    }

    private static Path executable() {
        Optional<Path> found = Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
        Assumptions.assumeTrue(
                found.isPresent(), "No Chromium is installed: the sign-in pages are not tried in a browser");
        Assumptions.assumeTrue(driverIsHere(), "Playwright's driver is not here: it comes with /usr/bin/chromium");
        return found.orElseThrow();
    }

    private static boolean driverIsHere() {
        try {
            Class.forName("com.microsoft.playwright.impl.driver.jar.DriverJar");
            return true;
        } catch (ClassNotFoundException e) {
            return System.getProperty("playwright.cli.dir") != null;
        }
    }

    /** A person's browser: cookies and language of its own. */
    BrowserContext person(String locale) {
        return person(new Browser.NewContextOptions().setLocale(locale).setViewportSize(620, 760));
    }

    /** Without a script of any page running. */
    BrowserContext personWithoutScripts(String locale) {
        return person(new Browser.NewContextOptions()
                .setLocale(locale)
                .setJavaScriptEnabled(false)
                .setViewportSize(620, 760));
    }

    /** With a small phone. */
    BrowserContext personWithAPhone(String locale) {
        return person(new Browser.NewContextOptions()
                .setLocale(locale)
                .setHasTouch(true)
                .setViewportSize(PHONE_WIDTH, 640));
    }

    BrowserContext personAtADesk(String locale) {
        return person(new Browser.NewContextOptions().setLocale(locale).setViewportSize(1280, 800));
    }

    private BrowserContext person(Browser.NewContextOptions options) {
        BrowserContext person = browser.newContext(options);
        person.setDefaultTimeout(PATIENCE_MS);
        person.onConsoleMessage(message -> {
            if (message.text().contains("Content Security Policy")) {
                complaints.add(message.text());
            }
        });
        person.onWebError(error -> complaints.add(error.error()));
        return person;
    }

    /** What browsers have complained about since the last time: violations of a page's policy, errors of its script. */
    List<String> complaints() {
        List<String> all = List.copyOf(complaints);
        complaints.clear();
        return all;
    }

    /** Kept in {@code target}, for people to look at; only with {@code -Dscreenshots=true}, since each takes its time. */
    static void photograph(Page page, String name) {
        if (PHOTOGRAPH) {
            page.screenshot(new Page.ScreenshotOptions()
                    .setFullPage(true)
                    .setPath(Path.of("target", "screenshots", name + ".png")));
        }
    }
}
