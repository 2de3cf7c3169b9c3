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

    /** As for events on Kafka. */
    private static final int LONGEST_TEXT = 512;

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
                requireStorable(member.getValue().asText());
                extensions.put(member.getKey(), member.getValue().asText());
            }
        });
        return extensions;
    }

    private static void requireStorable(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("contains NUL");
        }
    }

    /**
     * A number as {@code id} is refused and not replaced by an id of ours: sent again, it would be another action. What no
     * database stores, or indexes, is the sender's mistake.
     */
    private static Optional<String> text(JsonNode body, String member) {
        JsonNode value = body.path(member);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        String text = value.textValue();
        if (text == null || text.isEmpty() || text.length() > LONGEST_TEXT) {
            throw new IllegalArgumentException(member + " is no text, is empty, or too long");
        }
        requireStorable(text);
        return Optional.of(text);
    }
}
