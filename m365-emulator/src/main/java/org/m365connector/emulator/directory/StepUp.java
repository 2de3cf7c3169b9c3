package org.m365connector.emulator.directory;

import java.time.Instant;

/**
 * A policy that lets nobody at Graph whose token lacks an authentication context ({@code acrs}). The token has it where the
 * client asked for it with the parameter {@code claims}.
 *
 * @param context such as {@code c1}
 * @param bySignIn whether the user has to sign in for it; otherwise a refresh token is enough
 * @param since sign-ins before that do not count
 */
public record StepUp(String context, boolean bySignIn, Instant since) {

    /** What a client has to ask for. */
    public String claims() {
        return "{\"access_token\":{\"acrs\":{\"essential\":true, \"value\":\"" + context + "\"}}}";
    }
}
