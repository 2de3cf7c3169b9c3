package org.m365connector.events;

import java.util.Optional;

/** An account was signed out; its tokens are destroyed. */
public record SignedOut(Optional<PortalUser> portaluser, RegistrationName registration, AccountName account) {

    public static final String TYPE = "signed-out.v1";

    public SignedOut {
        portaluser = portaluser == null ? Optional.empty() : portaluser;
    }
}
