package org.m365connector.emulator.directory;

import java.time.Instant;

/** A client secret with the moment from which it is refused. */
public record ClientSecret(String value, Instant expiresAt) {

    @Override
    public String toString() {
        return "ClientSecret[expiresAt=" + expiresAt + "]";
    }
}
