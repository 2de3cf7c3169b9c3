package org.m365connector.graphproxy.token;

import java.time.Instant;

/**
 * An access token for Graph.
 *
 * @param generation of the account when it was issued
 */
public record Token(String value, Instant expiresAt, long generation) {

    /** Never the token itself. */
    @Override
    public String toString() {
        return "Token[expiresAt=" + expiresAt + ", generation=" + generation + "]";
    }
}
