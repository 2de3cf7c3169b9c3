package org.m365connector.auth.account;

/** Why an account cannot be used; the same words as the problems' slugs. */
public final class Reasons {

    public static final String LOGIN_REQUIRED = "login-required";
    public static final String CONSENT_REQUIRED = "consent-required";
    public static final String ACCOUNT_BLOCKED = "account-blocked";

    private Reasons() {}
}
