package org.m365connector.events;

import java.time.Instant;
import java.util.Optional;

/**
 * An action waits for a human; its event's {@code causationid} is the action's id.
 *
 * @param reason slug of the problem, {@code login-required}
 * @param loginUrl where that person signs in
 * @param until when the action is given up
 */
public record ActionParked(String reason, Optional<String> loginUrl, Instant until) {

    public static final String TYPE = "action-parked.v1";

    public ActionParked {
        loginUrl = loginUrl == null ? Optional.empty() : loginUrl;
    }
}
