package org.m365connector.events;

import java.util.Optional;

/**
 * State of an account on {@code m365.accounts}, key {@code portalId/registration/account}. Holds no token. A portal user's own
 * account has a record only after he has signed in for the first time.
 *
 * @param version rises with every change of this account
 * @param reason slug of what is wrong where the state is not {@code ready}
 * @param upn who signed in, for people to read; {@code tid} and {@code oid} identify him
 * @param generation rises whenever tokens issued before must no longer be used
 */
public record AccountRecord(
        PortalId portalId,
        RegistrationName registration,
        AccountId account,
        long version,
        AccountState state,
        Optional<String> reason,
        Optional<String> upn,
        Optional<String> tid,
        Optional<String> oid,
        Optional<AccountType> accountType,
        long generation) {

    /** Type of the event that carries this record. */
    public static final String TYPE = "account-changed.v1";

    public AccountRecord {
        reason = reason == null ? Optional.empty() : reason;
        upn = upn == null ? Optional.empty() : upn;
        tid = tid == null ? Optional.empty() : tid;
        oid = oid == null ? Optional.empty() : oid;
        accountType = accountType == null ? Optional.empty() : accountType;
    }

    /** Key on the topic. */
    public String key() {
        return key(portalId, registration, account);
    }

    public static String key(PortalId portal, RegistrationName registration, AccountId account) {
        return portal + "/" + registration + "/" + account;
    }
}
