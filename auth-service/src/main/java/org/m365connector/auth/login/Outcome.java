package org.m365connector.auth.login;

import org.m365connector.auth.account.SignIn;

/** How a visit of somebody who wants to sign in ended. Each has a page text of its own, and its slug is API. */
public enum Outcome {
    SIGNEDIN("signed-in", 200),
    CANCELLED("cancelled", 403),
    CONSENTREFUSED("consent-refused", 403),
    ADMINCONSENT("admin-consent-needed", 403),
    WRONGPERSON("wrong-person", 403),
    MFAREQUIRED("mfa-required", 403),
    POLICYBLOCKED("policy-blocked", 403),
    NOTASSIGNED("not-assigned", 403),
    ACCOUNTDISABLED("account-disabled", 403),
    OTHERORGANIZATION("other-organization", 403),
    PERSONALACCOUNT("personal-account", 403),
    NOTENTITLED("not-entitled", 403),
    TICKETUNKNOWN("ticket-unknown", 404),
    TICKETEXPIRED("ticket-expired", 410),
    TICKETUSED("ticket-used", 410),
    ATTEMPTUNKNOWN("attempt-unknown", 400),
    ATTEMPTEXPIRED("attempt-expired", 410),
    OTHERBROWSER("other-browser", 403),
    INPROGRESS("in-progress", 409),
    INTERRUPTED("interrupted", 410),
    ENTRAUNAVAILABLE("entra-unavailable", 503),
    ENTRAREFUSED("entra-refused", 502),
    MISCONFIGURED("registration-misconfigured", 502),
    ACCOUNTGONE("account-gone", 410),
    EXPIRED("expired", 410),
    DEVICECODEBLOCKED("device-code-blocked", 403),
    ADMINCONSENTGIVEN("admin-consent-given", 200),
    /** The administrator has agreed, the app's token does not show it yet. */
    ADMINCONSENTPENDING("admin-consent-pending", 202),
    ADMINCONSENTREFUSED("admin-consent-refused", 403),
    ADMINCONSENTUNVERIFIED("admin-consent-unverified", 502),
    CONSENTLINKEXPIRED("consent-link-expired", 410);

    private final String slug;
    private final int status;

    Outcome(String slug, int status) {
        this.slug = slug;
        this.status = status;
    }

    /** Of somebody whom Entra has signed in. */
    static Outcome of(SignIn signIn) {
        if (signIn instanceof SignIn.Accepted) {
            return SIGNEDIN;
        }
        if (signIn instanceof SignIn.WrongPerson) {
            return WRONGPERSON;
        }
        if (signIn instanceof SignIn.PersonalAccount) {
            return PERSONALACCOUNT;
        }
        if (signIn instanceof SignIn.NotEntitled) {
            return NOTENTITLED;
        }
        return signIn instanceof SignIn.Overtaken ? INTERRUPTED : ACCOUNTGONE;
    }

    public String slug() {
        return slug;
    }

    int status() {
        return status;
    }

    /** Whether it is good news. */
    public boolean isGood() {
        return status / 100 == 2;
    }

    /** Whether the person may try again at once, in the browser that began, without a new link. */
    boolean mayTryAgain() {
        return switch (this) {
            case CANCELLED,
                    CONSENTREFUSED,
                    WRONGPERSON,
                    MFAREQUIRED,
                    OTHERORGANIZATION,
                    PERSONALACCOUNT,
                    INTERRUPTED,
                    ENTRAUNAVAILABLE,
                    ENTRAREFUSED -> true;
            case SIGNEDIN,
                    ADMINCONSENT,
                    POLICYBLOCKED,
                    NOTASSIGNED,
                    ACCOUNTDISABLED,
                    NOTENTITLED,
                    TICKETUNKNOWN,
                    TICKETEXPIRED,
                    TICKETUSED,
                    ATTEMPTUNKNOWN,
                    ATTEMPTEXPIRED,
                    OTHERBROWSER,
                    INPROGRESS,
                    MISCONFIGURED,
                    ACCOUNTGONE,
                    EXPIRED,
                    DEVICECODEBLOCKED,
                    ADMINCONSENTGIVEN,
                    ADMINCONSENTPENDING,
                    ADMINCONSENTREFUSED,
                    ADMINCONSENTUNVERIFIED,
                    CONSENTLINKEXPIRED -> false;
        };
    }

    /** Whether whoever waits for the end should go on waiting: another try is offered, and nobody said he does not want it. */
    boolean mayGoOn() {
        return mayTryAgain() && this != CANCELLED;
    }

    /** Whether another account has to be chosen for that. */
    public boolean isOtherAccount() {
        return this == WRONGPERSON || this == OTHERORGANIZATION || this == PERSONALACCOUNT;
    }

    /** Whether there is nothing to read for somebody who came from his portal's page and goes back to it. */
    boolean leadsStraightBack() {
        return this == SIGNEDIN || this == CANCELLED;
    }
}
