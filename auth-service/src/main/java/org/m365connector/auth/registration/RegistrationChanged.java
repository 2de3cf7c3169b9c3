package org.m365connector.auth.registration;

/**
 * Fired inside the transaction that makes or changes a registration.
 *
 * @param completed it has just become complete
 * @param otherApp it is now another app or tenant: no token of before is worth anything
 * @param otherScopes logins now ask for other scopes
 */
public record RegistrationChanged(
        Registration registration, boolean completed, boolean otherApp, boolean otherScopes) {}
