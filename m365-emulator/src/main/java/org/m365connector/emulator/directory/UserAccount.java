package org.m365connector.emulator.directory;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A person, or an impersonal account, of one tenant. Only ever touched on the emulator's event loop. */
public final class UserAccount {

    private final Tenant tenant;
    private final String oid;
    private final String displayName;
    private final String givenName;
    private final String surname;
    private final boolean administrator;
    private String upn;
    private String password;
    private boolean blocked;
    private boolean mfaRequired;
    private boolean policyBlocked;
    private boolean passwordExpired;
    private boolean deviceCodeBlocked;
    private boolean mailbox = true;
    private boolean teamsLicensed;
    private Optional<Duration> signInFrequency = Optional.empty();
    private Optional<StepUp> stepUp = Optional.empty();
    private Instant sessionsValidFrom = Instant.MIN;
    private Instant publicTokensValidFrom = Instant.MIN;
    private Instant tokensValidFrom = Instant.MIN;

    public UserAccount(
            Tenant tenant,
            String oid,
            String upn,
            String givenName,
            String surname,
            String password,
            boolean administrator) {
        this.tenant = tenant;
        this.oid = oid;
        this.upn = upn;
        this.givenName = givenName;
        this.surname = surname;
        this.displayName = (givenName + " " + surname).trim();
        this.password = password;
        this.administrator = administrator;
        // Everybody has a mailbox, Outlook.com's at least; Teams is what an organization gives a licence for.
        this.teamsLicensed = !tenant.personal();
    }

    public Tenant tenant() {
        return tenant;
    }

    /** The immutable id. Of personal accounts it begins with 00000000-0000-0000. */
    public String oid() {
        return oid;
    }

    public String upn() {
        return upn;
    }

    public String displayName() {
        return displayName;
    }

    public String givenName() {
        return givenName;
    }

    public String surname() {
        return surname;
    }

    /** Whether this is a personal Microsoft account and no work account. */
    public boolean personal() {
        return tenant.personal();
    }

    public boolean administrator() {
        return administrator;
    }

    /** Whether Exchange Online has a mailbox for him that is active. */
    public boolean hasMailbox() {
        return mailbox;
    }

    public boolean teamsLicensed() {
        return teamsLicensed;
    }

    public boolean blocked() {
        return blocked;
    }

    /** Whether Conditional Access lets him have no tokens, whatever he does. */
    public boolean policyBlocked() {
        return policyBlocked;
    }

    public boolean mfaRequired() {
        return mfaRequired;
    }

    public boolean passwordExpired() {
        return passwordExpired;
    }

    public boolean deviceCodeBlocked() {
        return deviceCodeBlocked;
    }

    /** How long a sign-in may serve before policy wants another one. */
    public Optional<Duration> signInFrequency() {
        return signInFrequency;
    }

    /** What Graph wants to see in this user's tokens. */
    public Optional<StepUp> stepUp() {
        return stepUp;
    }

    /** Refresh tokens of confidential clients issued before this are revoked. */
    public Instant tokensValidFrom() {
        return tokensValidFrom;
    }

    /** Refresh tokens of public clients issued before this are revoked. */
    public Instant publicTokensValidFrom() {
        return publicTokensValidFrom;
    }

    /** Browser sessions begun before this are over. */
    public Instant sessionsValidFrom() {
        return sessionsValidFrom;
    }

    public boolean hasPassword(String attempt) {
        return password.equals(attempt);
    }

    public void rename(String newUpn) {
        upn = newUpn;
    }

    public void block(boolean on) {
        blocked = on;
    }

    public void blockByPolicy(boolean on) {
        policyBlocked = on;
    }

    public void requireMfa(boolean on) {
        mfaRequired = on;
    }

    public void expirePassword(boolean on) {
        passwordExpired = on;
    }

    public void blockDeviceCode(boolean on) {
        deviceCodeBlocked = on;
    }

    /** What is in it stays, as it does for 30 days in Exchange Online. */
    public void giveMailbox(boolean on) {
        mailbox = on;
    }

    public void licenseTeams(boolean on) {
        teamsLicensed = on;
    }

    public void limitSignIn(Optional<Duration> frequency) {
        signInFrequency = frequency;
    }

    public void demand(Optional<StepUp> demanded) {
        stepUp = demanded;
    }

    public void setPassword(String newPassword) {
        password = newPassword;
        passwordExpired = false;
    }

    /** What {@code revokeSignInSessions} does, and a reset in the Entra admin center: everything ends. */
    public void revokeEverything(Instant now) {
        tokensValidFrom = now;
        publicTokensValidFrom = now;
        sessionsValidFrom = now;
    }

    /** The user changed the password himself: confidential clients go on, everything else ends. */
    public void revokeAfterPasswordChange(Instant now) {
        publicTokensValidFrom = now;
        sessionsValidFrom = now;
    }

    @Override
    public String toString() {
        return "UserAccount[" + upn + "]";
    }
}
