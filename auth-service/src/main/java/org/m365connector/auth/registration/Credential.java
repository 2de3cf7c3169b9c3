package org.m365connector.auth.registration;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.m365connector.auth.entra.ClientSecret;
import org.m365connector.auth.vault.Place;
import org.m365connector.auth.vault.Vault;

/** A secret with which a registration proves itself to Entra; encrypted. They are tried in the order in which they came. */
@Entity
@Table(name = "credential")
class Credential {

    @Id
    String id;

    @Column(name = "registration_id")
    long registrationId;

    @Column(name = "kind")
    String kind;

    // Written once by us; the vault alone replaces it, when its key changes.
    @Column(name = "sealed", updatable = false)
    byte[] sealed;

    @Column(name = "expires_at")
    Instant expiresAt;

    @Column(name = "created_at")
    Instant createdAt;

    protected Credential() {}

    static Credential of(Registration registration, NewCredential wanted, Vault vault, Instant now) {
        var credential = new Credential();
        credential.id = UUID.randomUUID().toString();
        credential.registrationId = registration.id();
        credential.kind = wanted.kind();
        credential.sealed = vault.seal(credential.place(registration), wanted.secret());
        credential.expiresAt = wanted.expiresAt().orElse(null);
        credential.createdAt = now;
        return credential;
    }

    ClientSecret open(Registration registration, Vault vault) {
        return new ClientSecret(id, vault.open(place(registration), sealed));
    }

    CredentialView view() {
        return new CredentialView(id, kind, Optional.ofNullable(expiresAt), createdAt);
    }

    private Place place(Registration registration) {
        return new Place(registration.portal(), registration.name(), "-", "credential/" + id);
    }
}
