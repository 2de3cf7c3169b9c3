package org.m365connector.sync.work;

/** Another worker has taken over; whoever gets this must leave everything as it is. */
public final class LeaseLostException extends RuntimeException {
    public LeaseLostException(String what) {
        super("lease lost: " + what);
    }
}
