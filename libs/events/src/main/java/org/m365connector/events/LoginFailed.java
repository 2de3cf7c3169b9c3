package org.m365connector.events;

import java.util.Optional;

/**
 * Somebody tried to sign in and could not.
 *
 * @param reason slug of what happened
 */
public record LoginFailed(
        Optional<PortalUser> portaluser, RegistrationName registration, AccountName account, String reason) {

    public static final String TYPE = "login-failed.v1";

    public LoginFailed {
        portaluser = portaluser == null ? Optional.empty() : portaluser;
    }
}
