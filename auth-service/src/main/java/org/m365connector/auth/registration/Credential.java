package org.m365connector.auth.registration;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.m365connector.auth.entra.ClientCertificate;
import org.m365connector.auth.entra.ClientCredential;
import org.m365connector.auth.entra.ClientSecret;
import org.m365connector.auth.entra.FederatedToken;
import org.m365connector.auth.entra.TokenFiles;
import org.m365connector.auth.vault.Place;
import org.m365connector.auth.vault.Vault;

/**
 * With what a registration proves itself to Entra. What proves it is encrypted: the secret, the key and what names it, the
 * path of the token; the rest is for people to see.
 */
@Entity
@Table(name = "credential")
class Credential {

    @Id
    String id;

    @Column(name = "registration_id")
    long registrationId;

    @Column(name = "kind")
    String kind;

    @Column(name = "position")
    int position;

    // Written once by us; the vault alone replaces it, when its key changes.
    @Column(name = "sealed", updatable = false)
    byte[] sealed;

    @Column(name = "expires_at")
    Instant expiresAt;

    @Column(name = "created_at")
    Instant createdAt;

    @Column(name = "subject")
    String subject;

    @Column(name = "thumbprint")
    String thumbprint;

    @Column(name = "thumbprint_sha256")
    String thumbprintSha256;

    @Column(name = "not_before")
    Instant notBefore;

    @Column(name = "token_file")
    String tokenFile;

    protected Credential() {}

    static Credential ofSecret(Registration registration, String secret, Optional<Instant> end, Vault vault) {
        Credential credential = of(registration, CredentialKind.SECRET, secret, vault);
        credential.expiresAt = end.orElse(null);
        return credential;
    }

    static Credential ofCertificate(Registration registration, KeyAndCertificate pair, Vault vault) {
        SealedCertificate secret = new SealedCertificate(pair.pkcs8(), pair.thumbprintBase64Url());
        Credential credential = of(registration, CredentialKind.CERTIFICATE, secret.json(), vault);
        credential.subject = pair.certificate().getSubjectX500Principal().getName();
        credential.thumbprint = pair.thumbprint();
        credential.thumbprintSha256 = pair.thumbprintSha256();
        credential.notBefore = pair.certificate().getNotBefore().toInstant();
        credential.expiresAt = pair.certificate().getNotAfter().toInstant();
        return credential;
    }

    static Credential ofTokenFile(Registration registration, String file, Vault vault) {
        Credential credential = of(registration, CredentialKind.FEDERATED, file, vault);
        credential.tokenFile = file;
        return credential;
    }

    private static Credential of(Registration registration, CredentialKind kind, String secret, Vault vault) {
        Credential credential = new Credential();
        credential.id = UUID.randomUUID().toString();
        credential.registrationId = registration.id();
        credential.kind = kind.slug();
        credential.sealed = vault.seal(credential.place(registration), secret);
        return credential;
    }

    ClientCredential open(Registration registration, Vault vault, TokenFiles files) {
        String secret = vault.open(place(registration), sealed);
        return switch (kind()) {
            case SECRET -> new ClientSecret(id, secret);
            case CERTIFICATE -> {
                SealedCertificate certificate = SealedCertificate.of(secret);
                yield new ClientCertificate(id, certificate.key(), certificate.thumbprint());
            }
            case FEDERATED -> new FederatedToken(id, secret, files);
        };
    }

    CredentialKind kind() {
        return CredentialKind.ofSlug(kind);
    }

    CredentialView view() {
        return new CredentialView(
                id,
                kind(),
                position,
                Optional.ofNullable(expiresAt),
                createdAt,
                Optional.ofNullable(thumbprint)
                        .map(sha1 -> new CredentialView.CertificateView(
                                sha1, thumbprintSha256, subject, notBefore, expiresAt)),
                Optional.ofNullable(tokenFile));
    }

    private Place place(Registration registration) {
        return new Place(registration.portal(), registration.name(), "-", "credential/" + id);
    }
}
