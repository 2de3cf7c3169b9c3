package org.m365connector.auth.entra;

import java.time.Duration;
import java.util.Optional;

/** Answer of the token endpoint. */
public sealed interface Grant {

    /**
     * Tokens. They are secrets: {@code toString} does not show them.
     *
     * @param publicClient Entra took the app for a public client: the refresh token is to be used without a credential
     */
    record Granted(
            String accessToken,
            Duration expiresIn,
            Optional<String> refreshToken,
            Optional<String> idToken,
            boolean publicClient)
            implements Grant {
        @Override
        public String toString() {
            return "Granted[expiresIn=" + expiresIn + ", refreshToken=" + refreshToken.isPresent() + "]";
        }
    }

    /** No tokens. */
    record Refused(EntraError error) implements Grant {}
}
