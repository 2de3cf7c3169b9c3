package org.m365connector.auth.login;

/** How a visit of somebody who wants to sign in ended. Each has a page text of its own, and its slug is API. */
public enum Outcome {
    SIGNEDIN("signed-in", 200),
    CANCELLED("cancelled", 403),
    CONSENTREFUSED("consent-refused", 403),
    ADMINCONSENT("admin-consent-needed", 403),
    WRONGPERSON("wrong-person", 403),
    TICKETUNKNOWN("ticket-unknown", 404),
    TICKETEXPIRED("ticket-expired", 410),
    TICKETUSED("ticket-used", 410),
    ATTEMPTUNKNOWN("attempt-unknown", 400),
    ATTEMPTEXPIRED("attempt-expired", 410),
    OTHERBROWSER("other-browser", 403),
    INPROGRESS("in-progress", 409),
    ENTRAUNAVAILABLE("entra-unavailable", 503),
    ENTRAREFUSED("entra-refused", 502),
    MISCONFIGURED("registration-misconfigured", 502),
    ACCOUNTGONE("account-gone", 410),
    EXPIRED("expired", 410);

    private final String slug;
    private final int status;

    Outcome(String slug, int status) {
        this.slug = slug;
        this.status = status;
    }

    public String slug() {
        return slug;
    }

    int status() {
        return status;
    }
}
