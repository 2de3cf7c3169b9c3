package org.m365connector.local.demo;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.options.LoadState;
import com.microsoft.playwright.options.WaitForSelectorState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.Processes;

/** A headless Chromium, driven by Playwright. Each sign-in has a profile of its own, like another person's machine. */
public final class ChromiumBrowser implements Browser {
    private static final List<String> ARGUMENTS = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");
    private static final double PATIENCE_MS = 60_000;

    private final Playwright playwright;
    private final com.microsoft.playwright.Browser chromium;

    ChromiumBrowser() {
        Path executable = Chromium.find().orElseThrow(() -> new LocalException("No Chromium is installed"));
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        chromium = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(executable)
                        .setArgs(ARGUMENTS));
    }

    @Override
    public String signInByPopUp(PortalPage portalPage, String upn, String password) {
        try (BrowserContext profile = newProfile()) {
            Page page = profile.newPage();
            page.navigate(portalPage.url());
            Page popUp = page.waitForPopup(() -> page.click("#sign-in"));
            signIn(popUp, upn, password);
            Locator state = page.locator("#state[data-state=done], #state[data-state=failed]");
            state.waitFor(new Locator.WaitForOptions().setTimeout(PATIENCE_MS));
            String said = state.innerText();
            if (!"done".equals(state.getAttribute("data-state"))) {
                throw new LocalException("The portal's page says: " + said);
            }
            return said;
        } catch (PlaywrightException e) {
            throw new LocalException("The pop-up sign-in failed: " + e.getMessage(), e);
        }
    }

    @Override
    public String signInByLink(String link, String upn, String password) {
        try (BrowserContext profile = newProfile()) {
            Page page = profile.newPage();
            page.navigate(link);
            signIn(page, upn, password);
            return said(page);
        } catch (PlaywrightException e) {
            throw new LocalException("The sign-in by link failed: " + e.getMessage(), e);
        }
    }

    @Override
    public String signInDevice(String devicePage, String code, String upn, String password) {
        try (BrowserContext profile = newProfile()) {
            Page page = profile.newPage();
            page.navigate(devicePage);
            Locator field = page.locator("input[name=otc]");
            field.fill(code);
            field.press("Enter");
            signIn(page, upn, password);
            return said(page);
        } catch (PlaywrightException e) {
            throw new LocalException("The device sign-in failed: " + e.getMessage(), e);
        }
    }

    @Override
    public String description() {
        return "headless Chromium " + chromium.version();
    }

    @Override
    public void close() {
        chromium.close();
        playwright.close();
    }

    private BrowserContext newProfile() {
        BrowserContext profile =
                chromium.newContext(new com.microsoft.playwright.Browser.NewContextOptions().setLocale("en-US"));
        profile.setDefaultTimeout(PATIENCE_MS);
        return profile;
    }

    /** Answers Microsoft's pages for as long as they ask; a window that closes itself has nothing more to ask. */
    private static void signIn(Page page, String upn, String password) {
        long deadline = System.nanoTime() + (long) (PATIENCE_MS * 1_000_000);
        boolean signedIn = false;
        while (System.nanoTime() < deadline) {
            try {
                page.waitForLoadState(LoadState.DOMCONTENTLOADED);
                Locator passwordField = page.locator("input[name=passwd]");
                Locator start = page.locator("button[name=go]");
                Locator consent = page.locator("button[name=consent][value=accept]");
                if (start.count() > 0) {
                    start.click();
                    awaitGone(start);
                } else if (passwordField.count() > 0) {
                    page.locator("input[name=login]").fill(upn);
                    passwordField.fill(password);
                    passwordField.press("Enter");
                    awaitGone(passwordField);
                    signedIn = true;
                } else if (consent.count() > 0) {
                    consent.click();
                    awaitGone(consent);
                } else if (signedIn && page.locator("form").count() == 0) {
                    return;
                }
            } catch (PlaywrightException e) {
                if (page.isClosed()) {
                    return;
                }
                throw e;
            }
            Processes.pause(Duration.ofMillis(50));
        }
        throw new LocalException("The sign-in does not end; last page: " + page.url());
    }

    private static void awaitGone(Locator element) {
        element.waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.DETACHED));
    }

    private static String said(Page page) {
        page.waitForLoadState();
        return page.locator("body").innerText().replaceAll("\\s+", " ").strip();
    }
}
