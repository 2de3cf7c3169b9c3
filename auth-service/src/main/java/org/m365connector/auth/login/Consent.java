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
import org.m365connector.auth.registration.Registration;
import org.m365connector.auth.vault.Place;
import org.m365connector.auth.vault.Vault;

/** An administrator's consent that was asked for. Found by the hash of its {@code state}, which is kept encrypted. */
@Entity
@Table(name = "admin_consent")
class Consent {

    @Id
    @Column(name = "state_hash")
    String stateHash;

    @Column(name = "registration_id")
    long registrationId;

    // Written once by us; the vault alone replaces it, when its key changes.
    @Column(name = "sealed", updatable = false)
    byte[] sealed;

    @Enumerated(EnumType.STRING)
    @Column(name = "outcome")
    Outcome outcome;

    @Column(name = "code")
    String code;

    @Column(name = "created_at")
    Instant createdAt;

    @Column(name = "expires_at")
    Instant expiresAt;

    @Column(name = "used_at")
    Instant usedAt;

    /** When it is looked again whether Entra shows it; empty where that is known, or no longer looked for. */
    @Column(name = "look_at")
    Instant lookAt;

    protected Consent() {}

    static Consent of(Registration registration, String state, Vault vault, Instant now, Duration life) {
        var consent = new Consent();
        consent.stateHash = Secrets.hash(state);
        consent.registrationId = registration.id();
        consent.sealed = vault.seal(consent.place(registration), state);
        consent.createdAt = now;
        consent.expiresAt = now.plus(life);
        return consent;
    }

    String state(Registration registration, Vault vault) {
        return vault.open(place(registration), sealed);
    }

    /** Whether whoever took the callback may be taken for dead. To look at Entra once more does no harm. */
    boolean isLeftBehind(Instant now, Duration patience) {
        return usedAt != null && outcome == null && usedAt.plus(patience).isBefore(now);
    }

    void finish(Outcome result, Optional<String> entraCode) {
        outcome = result;
        code = entraCode.orElse(null);
        lookAt = null;
    }

    /** Not any more, once that has been done for long enough. */
    void lookAgain(Instant now, Duration pause, Duration inAll) {
        Instant next = now.plus(pause);
        lookAt = next.isAfter(usedAt.plus(inAll)) ? null : next;
    }

    private Place place(Registration registration) {
        return new Place(registration.portal(), registration.name(), "service", "admin-consent/" + stateHash);
    }
}
