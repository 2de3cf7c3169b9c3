package org.m365connector.events;

import java.time.Instant;
import java.util.Optional;

/**
 * A human must do something. Told again for the same {@code attention} when it has become more urgent.
 *
 * @param attention identifies it in the portal, the same as in {@link AttentionOver}
 * @param kind what is wrong, {@code account-needs-login} for one; more kinds may come
 * @param registration the one that it is about; empty where it is the whole portal
 * @param account the one that it is about; empty where it is the whole registration
 * @param portaluser whose account it is, where it is a portal user's own
 * @param subject what exactly, the id of a credential for one
 * @param since when it began
 * @param due when it stops working, where that is known
 */
public record AttentionNeeded(
        String attention,
        String kind,
        Optional<RegistrationName> registration,
        Optional<AccountName> account,
        Optional<PortalUser> portaluser,
        Optional<String> subject,
        Instant since,
        Optional<Instant> due) {

    public static final String TYPE = "attention-needed.v1";

    public AttentionNeeded {
        registration = registration == null ? Optional.empty() : registration;
        account = account == null ? Optional.empty() : account;
        portaluser = portaluser == null ? Optional.empty() : portaluser;
        subject = subject == null ? Optional.empty() : subject;
        due = due == null ? Optional.empty() : due;
    }
}
