package org.m365connector.auth.entra;

/** An id token that is not what it has to be. The message never repeats any of it. */
public final class IdTokenRefused extends RuntimeException {

    public IdTokenRefused(String reason) {
        super(reason);
    }
}
