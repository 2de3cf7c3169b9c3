package org.m365connector.events;

/** On {@code m365.throttling}, key the app: the call of that turn is over, the next may go. */
public record TurnEnded(String app, String replica, long number) {

    public static final String TYPE = "turn-ended.v1";
}
