package org.m365connector.auth.registration;

import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.Optional;

/**
 * A credential to be added: of each kind its own members, and none of another kind.
 *
 * @param kind {@code secret} where missing
 * @param secret the secret's value (not its id)
 * @param expiresAt when Entra stops accepting the secret, as its page says; a certificate knows its end
 * @param pkcs12 a certificate with its key as PKCS#12 in base64
 * @param pem a certificate, its chain if wanted, and its key as PEM blocks one after the other
 * @param password of the PKCS#12, or of the PEM's encrypted key
 * @param tokenFile path of the file in which the federated token is found, below {@code m365.credentials.token-directory}
 */
record NewCredential(
        CredentialKind kind,
        @Size(max = 1000) @Pattern(regexp = "\\P{Cntrl}*") String secret,
        Optional<Instant> expiresAt,
        @Size(max = LARGEST_FILE) String pkcs12,
        @Size(max = LARGEST_FILE) String pem,
        @Size(max = 1000) String password,
        @Size(max = 1000) @Pattern(regexp = "\\P{Cntrl}*") String tokenFile) {

    /** Characters; a certificate with its key and chain has a tenth of that. */
    static final int LARGEST_FILE = 64 * 1024;

    NewCredential {
        kind = kind == null ? CredentialKind.SECRET : kind;
        expiresAt = expiresAt == null ? Optional.empty() : expiresAt;
    }

    @Override
    public String toString() {
        return "NewCredential[kind=" + kind + ", expiresAt=" + expiresAt + "]";
    }
}
