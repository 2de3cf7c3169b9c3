package org.m365connector.outbox;

/** An event came with the source and id of an earlier one, but says something else. */
public final class ReusedEventIdException extends RuntimeException {

    ReusedEventIdException(EventKey key) {
        super("event id used before with other data: source=" + key.source() + " id=" + key.id());
    }
}
