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
import org.m365connector.auth.Secrets;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.vault.Place;
import org.m365connector.auth.vault.Vault;

/**
 * One visit to Entra's authorize endpoint: its {@code state} (by hash), verifier and nonce, and the browser it belongs to.
 *
 * <pre>
 *  OPEN ──callback──▶ REDEEMING ──▶ DONE or FAILED ──tries again──▶ REPLACED by another attempt
 *    │                    └──silent try refused──▶ REPLACED by a visible attempt
 *    └──nobody came back──▶ FAILED
 * </pre>
 */
@Entity
@Table(name = "login_attempt")
class Attempt {

    enum Stage {
        OPEN,
        REDEEMING,
        REPLACED,
        DONE,
        FAILED
    }

    @Id
    @Column(name = "state_hash")
    String stateHash;

    @Column(name = "account_id")
    long accountId;

    @Column(name = "browser_hash")
    String browserHash;

    // Written once by us; the vault alone replaces it, when its key changes.
    @Column(name = "verifier", updatable = false)
    byte[] verifier;

    @Column(name = "nonce", updatable = false)
    byte[] nonce;

    @Column(name = "silent")
    boolean silent;

    /** Asked for at Entra, space separated; empty for an attempt from before this was kept. */
    @Column(name = "scopes")
    String scopes;

    @Enumerated(EnumType.STRING)
    @Column(name = "stage")
    Stage stage;

    @Enumerated(EnumType.STRING)
    @Column(name = "outcome")
    Outcome outcome;

    @Column(name = "expected_name")
    String expectedName;

    @Column(name = "actual_name")
    String actualName;

    @Column(name = "code")
    String code;

    @Enumerated(EnumType.STRING)
    @Column(name = "display")
    Display display;

    @Column(name = "return_url")
    String returnUrl;

    /** In numbers of the records' versions. */
    @Column(name = "begun")
    long begun;

    @Column(name = "created_at")
    Instant createdAt;

    @Column(name = "expires_at")
    Instant expiresAt;

    /** Empty where nobody came back. */
    @Column(name = "finished_at")
    Instant finishedAt;

    /** When the callback was taken. */
    @Column(name = "taken_at")
    Instant takenAt;

    /** What Entra wants the next attempt to satisfy. */
    @Column(name = "claims")
    String claims;

    protected Attempt() {}

    static Attempt of(
            AccountKey key,
            long accountId,
            AttemptSecrets secrets,
            boolean silent,
            String scopes,
            long begun,
            Display display,
            String returnUrl,
            Vault vault,
            Instant now,
            Duration life) {
        var attempt = new Attempt();
        attempt.stateHash = Secrets.hash(secrets.state());
        attempt.accountId = accountId;
        attempt.browserHash = Secrets.hash(secrets.browser());
        attempt.verifier = vault.seal(attempt.place(key, "verifier"), secrets.verifier());
        attempt.nonce = vault.seal(attempt.place(key, "nonce"), secrets.nonce());
        attempt.silent = silent;
        attempt.scopes = scopes;
        attempt.begun = begun;
        attempt.stage = Stage.OPEN;
        attempt.display = display;
        attempt.returnUrl = returnUrl;
        attempt.createdAt = now;
        attempt.expiresAt = now.plus(life);
        return attempt;
    }

    void take(Instant now) {
        stage = Stage.REDEEMING;
        takenAt = now;
    }

    /** Whether whoever took it may be taken for dead. */
    boolean isLeftBehind(Instant now, Duration patience) {
        return stage == Stage.REDEEMING
                && (takenAt == null || takenAt.plus(patience).isBefore(now));
    }

    void abandon() {
        stage = Stage.FAILED;
        outcome = Outcome.ATTEMPTEXPIRED;
    }

    void finish(Outcome result, Optional<String> entraCode, Instant now) {
        stage = result == Outcome.SIGNEDIN ? Stage.DONE : Stage.FAILED;
        outcome = result;
        code = entraCode.orElse(null);
        finishedAt = now;
    }

    String verifier(AccountKey key, Vault vault) {
        return vault.open(place(key, "verifier"), verifier);
    }

    String nonce(AccountKey key, Vault vault) {
        return vault.open(place(key, "nonce"), nonce);
    }

    private Place place(AccountKey key, String field) {
        return new Place(key.portal(), key.registration(), key.account().value(), field + "/" + stateHash);
    }
}
