package org.m365connector.auth.attention;

import java.util.Optional;
import org.m365connector.events.AccountId;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * What identifies one thing that needs a human.
 *
 * @param registration empty where it is the whole portal
 * @param account empty where it is the whole registration
 * @param subject what exactly, where there may be several: the id of a credential, for one
 */
public record Concern(
        PortalId portal,
        Optional<RegistrationName> registration,
        Optional<AccountId> account,
        AttentionKind kind,
        Optional<String> subject) {

    /** Of a whole portal. */
    public static Concern of(PortalId portal, AttentionKind kind) {
        return new Concern(portal, Optional.empty(), Optional.empty(), kind, Optional.empty());
    }

    /** Of a whole registration. */
    public static Concern ofRegistration(PortalId portal, RegistrationName registration, AttentionKind kind) {
        return new Concern(portal, Optional.of(registration), Optional.empty(), kind, Optional.empty());
    }

    /** Of one account of a registration. */
    public static Concern ofAccount(
            PortalId portal, RegistrationName registration, AccountId account, AttentionKind kind) {
        return new Concern(portal, Optional.of(registration), Optional.of(account), kind, Optional.empty());
    }

    /** Of one credential of a registration. */
    public static Concern ofCredential(
            PortalId portal, RegistrationName registration, AttentionKind kind, String credentialId) {
        return new Concern(portal, Optional.of(registration), Optional.empty(), kind, Optional.of(credentialId));
    }
}
