package org.m365connector.auth.registration;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.m365connector.auth.AuthProblem;
import org.m365connector.auth.entra.TokenFiles;
import org.m365connector.auth.vault.Vault;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** Takes new credentials in: looks whether they can work at all, encrypts them, puts them at the end of the order. */
@ApplicationScoped
class CredentialIntake {

    private final Credentials credentials;
    private final CredentialAttentions attentions;
    private final Vault vault;
    private final TokenFiles files;
    private final Clock clock;

    CredentialIntake(
            Credentials credentials, CredentialAttentions attentions, Vault vault, TokenFiles files, Clock clock) {
        this.credentials = credentials;
        this.attentions = attentions;
        this.vault = vault;
        this.files = files;
        this.clock = clock;
    }

    /** Part of the caller's transaction, in which the registration is locked. */
    Credential take(Registration registration, NewCredential wanted) {
        Credential credential = made(registration, wanted);
        credential.createdAt = clock.instant();
        credential.position = credentials.of(registration).stream()
                        .mapToInt(other -> other.position)
                        .max()
                        .orElse(0)
                + 1;
        credentials.persistAndFlush(credential);
        attentions.lookAtEnd(registration, credential);
        return credential;
    }

    private Credential made(Registration registration, NewCredential wanted) {
        return switch (wanted.kind()) {
            case SECRET -> {
                needs(wanted, "secret", wanted.secret());
                yield Credential.ofSecret(registration, wanted.secret(), wanted.expiresAt(), vault);
            }
            case CERTIFICATE -> Credential.ofCertificate(registration, certificate(wanted), vault);
            case FEDERATED -> {
                needs(wanted, "tokenFile", wanted.tokenFile());
                if (!files.allows(wanted.tokenFile())) {
                    throw new ProblemException(AuthProblem.TOKEN_FILE_NOT_ALLOWED, wanted.tokenFile());
                }
                yield Credential.ofTokenFile(registration, wanted.tokenFile(), vault);
            }
        };
    }

    private KeyAndCertificate certificate(NewCredential wanted) {
        Optional<String> password = Optional.ofNullable(wanted.password());
        if (wanted.pkcs12() != null) {
            needs(wanted, "pkcs12", wanted.pkcs12());
            return CertificateReader.pkcs12(wanted.pkcs12(), password, clock.instant());
        }
        needs(wanted, "pem", wanted.pem());
        return CertificateReader.pem(wanted.pem(), password, clock.instant());
    }

    /** One member carries a credential; a second would be ignored, and somebody would rely on it. */
    private static void needs(NewCredential wanted, String field, String value) {
        List<String> given = Stream.of(wanted.secret(), wanted.pkcs12(), wanted.pem(), wanted.tokenFile())
                .filter(Objects::nonNull)
                .toList();
        if (value == null || value.isBlank() || given.size() != 1) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST)
                    .with("field", field)
                    .with("kind", wanted.kind().slug());
        }
    }
}
