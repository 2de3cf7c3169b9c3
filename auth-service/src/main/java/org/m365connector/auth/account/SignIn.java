package org.m365connector.auth.account;

/** How an attempt to sign in for an account ended. */
public sealed interface SignIn {

    /** The account can be used; tokens are to be kept for this generation. */
    record Accepted(long accountId, AccountKey key, long generation) implements SignIn {}

    /** Somebody else signed in. Nothing was kept. */
    record WrongPerson(String expected, String actual) implements SignIn {}

    /** A personal account where only a work account can be used. Nothing was kept. */
    record PersonalAccount(String actual) implements SignIn {}

    /** The portal is not entitled any more. Nothing was kept. */
    record NotEntitled() implements SignIn {}

    /** Since the login began, somebody has signed out or changed whose account this is. Nothing was kept. */
    record Overtaken() implements SignIn {}

    /** The account was removed meanwhile. */
    record AccountGone() implements SignIn {}
}
