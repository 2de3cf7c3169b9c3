package org.m365connector.auth.registration;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.Optional;

/**
 * A credential to be added.
 *
 * @param kind {@code secret}
 * @param secret the secret's value (not its id)
 * @param expiresAt when Entra stops accepting it, as its page says
 */
record NewCredential(
        @Pattern(regexp = "secret") String kind,

        @NotBlank @Size(max = 1000) @Pattern(regexp = "\\P{Cntrl}*")
        String secret,

        Optional<Instant> expiresAt) {

    NewCredential {
        kind = kind == null ? "secret" : kind;
        expiresAt = expiresAt == null ? Optional.empty() : expiresAt;
    }

    @Override
    public String toString() {
        return "NewCredential[kind=" + kind + ", expiresAt=" + expiresAt + "]";
    }
}
