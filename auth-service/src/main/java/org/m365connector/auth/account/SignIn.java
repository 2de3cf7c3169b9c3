package org.m365connector.auth.account;

/** How an attempt to sign in for an account ended. */
public sealed interface SignIn {

    /** The account can be used; tokens are to be kept for this generation. */
    record Accepted(long accountId, AccountKey key, long generation) implements SignIn {}

    /** Somebody else signed in. Nothing was kept. */
    record WrongPerson(String expected, String actual) implements SignIn {}

    /** The account was removed meanwhile. */
    record AccountGone() implements SignIn {}
}
