package org.m365connector.auth.attention;

import java.util.Locale;

/** What can need a human. The slug is API; title, who is affected and how to repair stand in {@code attention.properties}. */
public enum AttentionKind {
    /** A credential will stop working soon; subject is its id. */
    CREDENTIAL_EXPIRING,
    /** A credential's end has come; subject is its id. */
    CREDENTIAL_EXPIRED,
    /** Entra does not accept a credential; subject is its id. */
    CREDENTIAL_REFUSED,
    /** A static account has to be signed in by somebody. */
    ACCOUNT_NEEDS_LOGIN,
    /** Microsoft does not let an account in, and signing in does not help. */
    ACCOUNT_BLOCKED,
    /** Permissions have not been consented to. */
    CONSENT_MISSING,
    /** Entra does not accept the app, whatever it proves itself with: it was deleted or disabled, or its ids are wrong. */
    REGISTRATION_MISCONFIGURED,
    /** Graph's notifications do not come, as sync-service reports: changes arrive late, or, of Teams, once a day. */
    NOTIFICATIONS_MISSING,
    /** The portal's entitlement will end soon. */
    ENTITLEMENT_ENDING,
    /** The portal's entitlement is over. */
    ENTITLEMENT_OVER;

    public String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
