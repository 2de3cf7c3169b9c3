package org.m365connector.events;

import java.util.Optional;

/** Somebody has signed in, and the account can be used. */
public record LoginCompleted(
        Optional<PortalUser> portaluser, RegistrationName registration, AccountName account, String upn) {

    public static final String TYPE = "login-completed.v1";

    public LoginCompleted {
        portaluser = portaluser == null ? Optional.empty() : portaluser;
    }
}
