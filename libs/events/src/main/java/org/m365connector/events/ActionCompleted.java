package org.m365connector.events;

import java.util.Map;
import java.util.Optional;

/**
 * The one result of an action; its event's {@code causationid} is the action's id.
 *
 * @param ids what was made, by kind: {@code messageId}, {@code internetMessageId} …
 * @param links where a person can see it, by kind: {@code web}
 * @param problem an RFC 9457 object where the outcome is not {@code done}
 */
public record ActionCompleted(
        Outcome outcome, Map<String, String> ids, Map<String, String> links, Optional<Map<String, Object>> problem) {

    public static final String TYPE = "action-completed.v1";

    public ActionCompleted {
        ids = ids == null ? Map.of() : Map.copyOf(ids);
        links = links == null ? Map.of() : Map.copyOf(links);
        problem = problem == null ? Optional.empty() : problem;
    }
}
