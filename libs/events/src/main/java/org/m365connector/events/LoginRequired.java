package org.m365connector.events;

import java.time.Instant;
import java.util.Optional;

/**
 * Somebody has to sign in before an account can be used.
 *
 * @param portaluser the one who has to, for his own account; empty for a static account, which an administrator signs in
 * @param loginUrl a link for one use
 * @param reason slug of the problem
 */
public record LoginRequired(
        Optional<PortalUser> portaluser,
        RegistrationName registration,
        AccountName account,
        String loginUrl,
        Instant expiresAt,
        String reason) {

    public static final String TYPE = "login-required.v1";

    public LoginRequired {
        portaluser = portaluser == null ? Optional.empty() : portaluser;
    }
}
