package org.m365connector.auth.entra;

import java.time.Duration;
import java.util.Optional;

/** What a refusal of Entra means for us (decision table of the fact sheet, 5.2). */
public sealed interface EntraFailure {

    /** Entra is away or busy. The same request may succeed later. */
    record Transient(Optional<Duration> retryAfter) implements EntraFailure {
        @Override
        public boolean retryable() {
            return true;
        }
    }

    /**
     * Somebody has to sign in. Asking again by ourselves would be a loop.
     *
     * @param consent it is consent that is missing
     * @param claims has to be handed to the next login
     */
    record NeedsLogin(boolean consent, Optional<String> claims) implements EntraFailure {}

    /** A policy forbids it; signing in does not help. */
    record Blocked() implements EntraFailure {}

    /**
     * The registration is wrong, here or in Entra.
     *
     * @param credential it is the credential that Entra does not accept
     */
    record Configuration(boolean credential) implements EntraFailure {}

    default boolean retryable() {
        return false;
    }
}
