package org.m365connector.auth.registration;

import java.time.Instant;
import java.util.Optional;

/**
 * A credential without its value.
 *
 * @param position from 1; they are tried in that order
 * @param expiresAt when it ends, where that is known; a certificate's {@code notAfter}
 * @param tokenFile where a federated token is read
 */
public record CredentialView(
        String id,
        CredentialKind kind,
        int position,
        Optional<Instant> expiresAt,
        Instant createdAt,
        Optional<CertificateView> certificate,
        Optional<String> tokenFile) {

    /**
     * A certificate.
     *
     * @param thumbprint SHA-1 in hex, as Entra's page shows it
     * @param thumbprintSha256 SHA-256 in hex
     */
    public record CertificateView(
            String thumbprint, String thumbprintSha256, String subject, Instant notBefore, Instant notAfter) {}
}
