package org.m365connector.auth.entra;

/** Entra's signing keys cannot be read now, so that it cannot be said whether an id token is one of its. */
public class KeysUnavailable extends RuntimeException {

    private static final long serialVersionUID = 1;

    KeysUnavailable() {
        super("the keys of Entra cannot be read");
    }
}
