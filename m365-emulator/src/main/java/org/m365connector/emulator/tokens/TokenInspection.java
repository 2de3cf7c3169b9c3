package org.m365connector.emulator.tokens;

import java.time.Instant;

/** What an inspected bearer token turned out to be. */
public sealed interface TokenInspection {

    record Valid(AccessToken token) implements TokenInspection {}

    /** Was ours and is over. */
    record Expired(AccessToken token) implements TokenInspection {}

    /** Ours, but for another resource. */
    record WrongAudience(AccessToken token) implements TokenInspection {}

    /** No token, or one that nobody here has issued. */
    record Malformed(String reason) implements TokenInspection {}

    /**
     * Ended before its time by a revocation, a block or a deleted account. Only tokens of clients that handle claims challenges end like this;
     * the challenge asks for a token not older than {@code notBefore}.
     */
    record Revoked(AccessToken token, Instant notBefore) implements TokenInspection {}

    /** Good, but a policy wants a token with these claims, whatever the client has declared. */
    record Challenged(AccessToken token, String claims) implements TokenInspection {}
}
