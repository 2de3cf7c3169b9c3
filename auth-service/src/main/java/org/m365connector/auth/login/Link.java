package org.m365connector.auth.login;

import java.time.Instant;

/** A link for one login. */
record Link(String loginUrl, Instant expiresAt) {

    @Override
    public String toString() {
        return "Link[expiresAt=" + expiresAt + "]";
    }
}
