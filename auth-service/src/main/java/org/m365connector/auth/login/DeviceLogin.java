package org.m365connector.auth.login;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.annotations.DynamicUpdate;
import org.m365connector.auth.account.Account;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.entra.DeviceCode;
import org.m365connector.auth.vault.Place;
import org.m365connector.auth.vault.Vault;

/** A login by device code that Entra is asked about until it ends; a restart goes on with what is stored here. */
// Only what has changed is written, for the vault replaces the code when its key changes.
@DynamicUpdate
@Entity
@Table(name = "device_login")
class DeviceLogin {

    enum State {
        PENDING,
        DONE,
        FAILED
    }

    @Id
    String id;

    @Column(name = "account_id")
    long accountId;

    @Column(name = "sealed")
    byte[] sealed;

    @Column(name = "user_code")
    String userCode;

    @Column(name = "verification_uri")
    String verificationUri;

    @Enumerated(EnumType.STRING)
    @Column(name = "state")
    State state;

    @Enumerated(EnumType.STRING)
    @Column(name = "outcome")
    Outcome outcome;

    @Column(name = "interval_seconds")
    int intervalSeconds;

    @Column(name = "next_poll_at")
    Instant nextPollAt;

    @Column(name = "expires_at")
    Instant expiresAt;

    /** In numbers of the records' versions. */
    @Column(name = "begun")
    long begun;

    /** Whether Entra has taken the app for a public client: then it need not be asked with a credential again. */
    @Column(name = "public_client")
    boolean publicClient;

    @Column(name = "created_at")
    Instant createdAt;

    protected DeviceLogin() {}

    /** @param begun when, in numbers of the records' versions */
    static DeviceLogin of(Account account, long begun, DeviceCode code, Vault vault, Instant now) {
        var login = new DeviceLogin();
        login.id = UUID.randomUUID().toString();
        login.accountId = account.id();
        login.begun = begun;
        login.sealed = vault.seal(login.place(account.key()), code.deviceCode());
        login.userCode = code.userCode();
        login.verificationUri = code.verificationUri();
        login.state = State.PENDING;
        login.intervalSeconds = (int) code.interval().toSeconds();
        login.nextPollAt = now.plus(code.interval());
        login.expiresAt = now.plus(code.expiresIn());
        login.createdAt = now;
        return login;
    }

    String deviceCode(AccountKey key, Vault vault) {
        return vault.open(place(key), sealed);
    }

    void pollLater(Instant now) {
        nextPollAt = now.plusSeconds(intervalSeconds);
    }

    /** Entra wants to be asked less often (RFC 8628: five seconds more, for good). */
    void slowDown(Instant now) {
        intervalSeconds += 5;
        pollLater(now);
    }

    /** Whoever asks Entra now has so long before another may. */
    void claim(Instant now, Duration life) {
        nextPollAt = now.plus(life);
    }

    void finish(Outcome result) {
        state = result == Outcome.SIGNEDIN ? State.DONE : State.FAILED;
        outcome = result;
        // Of no more use, so it is not kept.
        sealed = new byte[0];
    }

    DeviceLoginView view() {
        return new DeviceLoginView(
                state, Optional.ofNullable(outcome).map(Outcome::slug), userCode, verificationUri, expiresAt);
    }

    private Place place(AccountKey key) {
        return new Place(key.portal(), key.registration(), key.account().value(), "device-code/" + id);
    }
}
