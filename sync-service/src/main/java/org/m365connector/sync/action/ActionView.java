package org.m365connector.sync.action;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Optional;
import org.m365connector.events.EventCodec;

/**
 * An action as the API shows it.
 *
 * @param state received, waiting, parked, attempting or finished
 * @param nextAttemptAt when it is tried again; absent once it is finished
 * @param result the data of its {@code action-completed.v1} event
 */
record ActionView(
        String id,
        String source,
        String type,
        String state,
        String portaluser,
        String registration,
        Optional<String> account,
        Instant receivedAt,
        Instant deadline,
        Optional<Instant> nextAttemptAt,
        Optional<String> loginUrl,
        Optional<Instant> finishedAt,
        Optional<JsonNode> result) {

    static ActionView of(Action action) {
        boolean finished = action.state() instanceof ActionState.Finished;
        return new ActionView(
                action.actionId,
                action.source,
                action.type,
                action.stateName(),
                action.portalUser,
                action.registration,
                Optional.ofNullable(action.account),
                action.receivedAt,
                action.deadline,
                finished ? Optional.empty() : Optional.of(action.nextAttemptAt()),
                action.currentLoginUrl(),
                Optional.ofNullable(action.finishedAt),
                Optional.ofNullable(action.result).map(ActionView::tree));
    }

    private static JsonNode tree(String json) {
        try {
            return EventCodec.json().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored result is not JSON", e);
        }
    }
}
