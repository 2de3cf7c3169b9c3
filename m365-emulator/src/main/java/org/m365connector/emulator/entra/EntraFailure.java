package org.m365connector.emulator.entra;

/** Ends the handling of a request with an error of Entra ID. */
final class EntraFailure extends RuntimeException {

    private final transient EntraError error;

    EntraFailure(EntraError error) {
        super(error.headline(), null, false, false);
        this.error = error;
    }

    EntraError error() {
        return error;
    }
}
