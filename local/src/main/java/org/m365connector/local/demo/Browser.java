package org.m365connector.local.demo;

/** What a person does with a browser in this story. */
public interface Browser extends AutoCloseable {

    /** A real one where one is installed, else the same steps over plain HTTP. */
    static Browser best() {
        return Chromium.canBeDriven() ? new ChromiumBrowser() : new PlainBrowser();
    }

    /** Opens the page of the portal, clicks its sign-in button and signs in in the window that pops up. */
    String signInByPopUp(PortalPage page, String upn, String password);

    /** Follows a link that was sent to somebody, and signs in. Returns what the last page says. */
    String signInByLink(String link, String upn, String password);

    /** Types the code of a device login into Microsoft's page and signs in. */
    String signInDevice(String page, String code, String upn, String password);

    /** How it is called in the transcript. */
    String description();

    @Override
    void close();
}
