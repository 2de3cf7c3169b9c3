package org.m365connector.auth.account;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import org.hibernate.annotations.DynamicUpdate;
import org.m365connector.auth.entra.Identity;
import org.m365connector.auth.registration.Registration;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.AccountType;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * An account. Its tokens are kept elsewhere, by generation: raising the generation makes all of them worthless.
 *
 * <pre>
 *  NEEDS_LOGIN ──signed in──▶ READY ──refused by Entra──▶ NEEDS_LOGIN or BLOCKED ──signed in──▶ READY
 *                               └──signed out──▶ GONE ──signed in──▶ READY
 * </pre>
 */
// Only what has changed is written.
@DynamicUpdate
@Entity
@Table(name = "account")
public class Account {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    Long id;

    @Column(name = "registration_id")
    long registrationId;

    @Column(name = "portal_id")
    String portalId;

    @Column(name = "registration")
    String registration;

    @Column(name = "account")
    String account;

    @Enumerated(EnumType.STRING)
    @Column(name = "state")
    AccountState state;

    @Column(name = "reason")
    String reason;

    @Column(name = "expected_upn")
    String expectedUpn;

    @Column(name = "upn")
    String upn;

    @Column(name = "tid")
    String tid;

    @Column(name = "oid")
    String oid;

    @Enumerated(EnumType.STRING)
    @Column(name = "account_type")
    AccountType type;

    @Column(name = "claims")
    String claims;

    @Column(name = "generation")
    long generation;

    @Column(name = "version")
    long version;

    @Column(name = "changed_at")
    Instant changedAt;

    /** Logins that began before this number of the records' versions no longer count. */
    @Column(name = "logins_after")
    long loginsAfter;

    /** Whether anybody ever signed in, whoever it is pinned to now. */
    @Column(name = "once_signed_in")
    boolean onceSignedIn;

    protected Account() {}

    static Account of(Registration registration, AccountId id, AccountState state, Optional<String> expectedUpn) {
        var account = new Account();
        account.registrationId = registration.id();
        account.portalId = registration.portal().value();
        account.registration = registration.name().value();
        account.account = id.value();
        account.state = state;
        account.reason = state == AccountState.NEEDS_LOGIN ? Reasons.LOGIN_REQUIRED : null;
        account.expectedUpn = expectedUpn.orElse(null);
        return account;
    }

    /** Who signed in becomes the one who this account is for, for ever: by tenant and object id. */
    void signedIn(Identity identity) {
        state = AccountState.READY;
        reason = null;
        claims = null;
        upn = identity.preferredUsername();
        tid = identity.tid();
        oid = identity.oid();
        type = identity.type();
        onceSignedIn = true;
    }

    /** @param newClaims what Entra wants the next login to satisfy */
    void refused(AccountState newState, String newReason, Optional<String> newClaims) {
        state = newState;
        reason = newReason;
        claims = newClaims.orElse(null);
    }

    void signedOut() {
        state = AccountState.GONE;
        reason = null;
    }

    /** Forgets who it is pinned to; the expected name counts again. */
    void unpin() {
        tid = null;
        oid = null;
        upn = null;
        type = null;
    }

    /** What was issued before must no longer be used. */
    void newGeneration(long number, Instant now) {
        generation = number;
        changed(number, now);
    }

    /** Ends the logins that are under way. */
    void endLogins(long number) {
        loginsAfter = number;
    }

    /** Whether nothing has ended a login since it began. */
    boolean letsIn(long begun) {
        return begun >= loginsAfter;
    }

    void changed(long newVersion, Instant now) {
        version = newVersion;
        changedAt = now;
    }

    /** Whether that person may use this account: the pinned one if there is one, else the one with the expected name. */
    public boolean isFor(Identity identity) {
        if (oid != null) {
            return oid.equalsIgnoreCase(identity.oid()) && tid.equalsIgnoreCase(identity.tid());
        }
        return expectedUpn != null && identity.isNamed(expectedUpn);
    }

    /** Whether somebody has signed in, so that it is his for ever. */
    public boolean isPinned() {
        return oid != null;
    }

    public long id() {
        return id;
    }

    public AccountKey key() {
        return new AccountKey(new PortalId(portalId), new RegistrationName(registration), new AccountId(account));
    }

    public AccountState state() {
        return state;
    }

    public Optional<String> reason() {
        return Optional.ofNullable(reason);
    }

    public long generation() {
        return generation;
    }

    public Instant changedAt() {
        return changedAt;
    }

    /** Of whom it is pinned to; empty while that is nobody. */
    public Optional<AccountType> type() {
        return Optional.ofNullable(type);
    }

    /** Who signed in last. */
    public Optional<String> upn() {
        return Optional.ofNullable(upn);
    }

    /** The name to show and to hint at: of the pinned person, else the one that is expected. */
    public Optional<String> expectedName() {
        return upn().or(() -> Optional.ofNullable(expectedUpn));
    }

    /** What the next login has to satisfy, as Entra said. */
    public Optional<String> claims() {
        return Optional.ofNullable(claims);
    }

    AccountRecord record() {
        AccountKey key = key();
        return new AccountRecord(
                key.portal(),
                key.registration(),
                key.account(),
                version,
                state,
                reason(),
                upn(),
                Optional.ofNullable(tid),
                Optional.ofNullable(oid),
                Optional.ofNullable(type),
                generation);
    }
}
