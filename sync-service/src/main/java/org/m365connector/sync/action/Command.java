package org.m365connector.sync.action;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import org.m365connector.capability.Operation;
import org.m365connector.events.EventCodec;
import org.m365connector.events.MailSend;
import org.m365connector.events.TeamsMessageSend;
import org.m365connector.events.WatchRequest;
import org.m365connector.problem.ProblemException;
import org.m365connector.sync.SyncProblem;

/** What an action does at Graph. */
sealed interface Command permits SendMail, SendTeamsMessage, RequestWatch {

    /**
     * Carries it out, or goes on where an earlier attempt ended.
     *
     * @throws org.m365connector.sync.graph.GraphException as Graph or the proxy answered; {@link Attempt#step} says to what
     * @throws ProblemException that becomes the result
     */
    Conclusion run(Attempt attempt);

    /** What it does at Graph, as far as it matters for who can do that at all. */
    Operation operation();

    /** The feature that a portal must be entitled to. */
    String feature();

    /** @throws ProblemException where the type is not known or the data does not fit it */
    static Command of(String type, JsonNode data) {
        return switch (type) {
            case MailSend.TYPE -> new SendMail(read(data, MailSend.class));
            case TeamsMessageSend.TYPE -> new SendTeamsMessage(read(data, TeamsMessageSend.class));
            case WatchRequest.TYPE -> RequestWatch.of(read(data, WatchRequest.class));
            default -> throw new ProblemException(SyncProblem.UNKNOWN_ACTION_TYPE, type);
        };
    }

    private static <T> T read(JsonNode data, Class<T> type) {
        if (!data.isObject()) {
            throw new ProblemException(SyncProblem.INVALID_ACTION, "data is missing");
        }
        try {
            return EventCodec.json().treeToValue(data, type);
        } catch (JsonProcessingException e) {
            throw new ProblemException(SyncProblem.INVALID_ACTION, reasonOf(e)).causedBy(e);
        }
    }

    /** The words of our own checks; what Jackson says of foreign input may repeat it. */
    static String reasonOf(JsonProcessingException e) {
        return e.getCause() instanceof IllegalArgumentException own && own.getMessage() != null
                ? own.getMessage()
                : "data does not have the members of this type";
    }
}
