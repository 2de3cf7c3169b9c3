package org.m365connector.graphproxy.token;

import io.vertx.core.http.HttpHeaders;
import java.time.Instant;

/** An access token for Graph. */
public final class Token {

    private final String value;
    private final Instant expiresAt;
    private final long generation;
    private final CharSequence authorization;

    /** @param generation of the account when it was issued */
    public Token(String value, Instant expiresAt, long generation) {
        this.value = value;
        this.expiresAt = expiresAt;
        this.generation = generation;
        authorization = HttpHeaders.createOptimized("Bearer " + value);
    }

    public String value() {
        return value;
    }

    public Instant expiresAt() {
        return expiresAt;
    }

    /** Of the account when it was issued. */
    public long generation() {
        return generation;
    }

    /**
     * The header {@code Authorization}, as bytes already: a token has some thousand characters, and to turn them into bytes one by
     * one cost each call more than its access check.
     */
    public CharSequence authorization() {
        return authorization;
    }

    /** Never the token itself. */
    @Override
    public String toString() {
        return "Token[expiresAt=" + expiresAt + ", generation=" + generation + "]";
    }
}
