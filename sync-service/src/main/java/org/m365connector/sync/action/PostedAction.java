package org.m365connector.sync.action;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.net.URI;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.m365connector.events.Event;
import org.m365connector.events.PortalId;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** A CloudEvent in structured mode, as it is posted: {@code id}, {@code source} and {@code time} may be left out. */
final class PostedAction {
    private static final List<String> OWN_MEMBERS =
            List.of("specversion", "id", "source", "type", "time", "subject", "datacontenttype", "dataschema", "data");

    private PostedAction() {}

    static Event<JsonNode> event(PortalId portal, JsonNode body, Instant now) {
        if (body == null || !body.isObject()) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST);
        }
        try {
            return new Event<>(
                    text(body, "id").orElseGet(() -> UUID.randomUUID().toString()),
                    URI.create(text(body, "source").orElse("/portals/" + portal)),
                    text(body, "type").orElse(""),
                    text(body, "subject"),
                    text(body, "time")
                            .map(time -> OffsetDateTime.parse(time).toInstant())
                            .orElse(now),
                    extensions(body),
                    body.has("data") ? body.get("data") : NullNode.getInstance());
        } catch (IllegalArgumentException | DateTimeParseException e) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST).causedBy(e);
        }
    }

    private static Map<String, String> extensions(JsonNode body) {
        Map<String, String> extensions = new HashMap<>();
        body.properties().forEach(member -> {
            if (!OWN_MEMBERS.contains(member.getKey()) && member.getValue().isValueNode()) {
                extensions.put(member.getKey(), member.getValue().asText());
            }
        });
        return extensions;
    }

    private static Optional<String> text(JsonNode body, String member) {
        return Optional.ofNullable(body.path(member).textValue()).filter(text -> !text.isEmpty());
    }
}
