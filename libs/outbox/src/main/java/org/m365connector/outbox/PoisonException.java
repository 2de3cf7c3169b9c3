package org.m365connector.outbox;

/** Thrown by a handler for an event that cannot be understood and never will be: it goes to the dead letter. */
public final class PoisonException extends RuntimeException {

    /** @param reason a sentence for the operator, with nothing of the event's content */
    public PoisonException(String reason) {
        super(reason);
    }
}
