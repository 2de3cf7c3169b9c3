package org.m365connector.auth.entra;

import java.time.Duration;
import java.util.Optional;

/** Answer of the token endpoint. */
public sealed interface Grant {

    /**
     * Tokens. They are secrets: {@code toString} does not show them.
     *
     * @param publicClient Entra took the app for a public client: the refresh token is to be used without a credential
     * @param scope the delegated permissions that the token has, as Entra says; may be more than was asked for
     */
    record Granted(
            String accessToken,
            Duration expiresIn,
            Optional<String> refreshToken,
            Optional<String> idToken,
            boolean publicClient,
            Optional<String> scope)
            implements Grant {

        public Granted(
                String accessToken,
                Duration expiresIn,
                Optional<String> refreshToken,
                Optional<String> idToken,
                boolean publicClient) {
            this(accessToken, expiresIn, refreshToken, idToken, publicClient, Optional.empty());
        }

        @Override
        public String toString() {
            return "Granted[expiresIn=" + expiresIn + ", refreshToken=" + refreshToken.isPresent() + "]";
        }
    }

    /** No tokens. */
    record Refused(EntraError error) implements Grant {}
}
