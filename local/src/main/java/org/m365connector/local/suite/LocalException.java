package org.m365connector.local.suite;

/** Something that the person at the console can understand and mend; its message is all that is printed. */
public final class LocalException extends RuntimeException {

    public LocalException(String message) {
        super(message);
    }

    public LocalException(String message, Throwable cause) {
        super(message, cause);
    }
}
