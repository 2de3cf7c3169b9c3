package org.m365connector.auth.entra;

import java.util.Locale;

/** A credential that fails before Entra is asked. Says why, and nothing of what the credential is. */
public final class CredentialUnusable extends RuntimeException {

    /** Why. The slug stands in logs and answers. */
    public enum Cause {
        /** The file does not lie below the directory that the operator has opened, or none is opened. */
        TOKEN_FILE_NOT_ALLOWED,
        /** There is no such file, or it may not be read. */
        TOKEN_FILE_MISSING,
        TOKEN_FILE_EMPTY,
        TOKEN_FILE_TOO_LARGE,
        /** What is in the file is not a JWT, so it goes nowhere. */
        TOKEN_FILE_NO_TOKEN,
        /** The stored key cannot sign. */
        KEY_UNUSABLE;

        public String slug() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final Cause reason;

    CredentialUnusable(Cause reason) {
        super(reason.slug());
        this.reason = reason;
    }

    public Cause reason() {
        return reason;
    }
}
