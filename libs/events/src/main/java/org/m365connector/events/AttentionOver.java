package org.m365connector.events;

import java.util.Optional;

/**
 * What needed a human has been repaired, or what it was about is gone.
 *
 * @param attention the same as in the {@link AttentionNeeded} that it ends
 */
public record AttentionOver(
        String attention,
        String kind,
        Optional<RegistrationName> registration,
        Optional<AccountName> account,
        Optional<PortalUser> portaluser,
        Optional<String> subject) {

    public static final String TYPE = "attention-over.v1";

    public AttentionOver {
        registration = registration == null ? Optional.empty() : registration;
        account = account == null ? Optional.empty() : account;
        portaluser = portaluser == null ? Optional.empty() : portaluser;
        subject = subject == null ? Optional.empty() : subject;
    }
}
