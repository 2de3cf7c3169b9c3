package org.m365connector.emulator.graph.teams;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** A post or a reply; {@code entity} is all that Graph shows of it. */
final class ChannelMessage {

    final ObjectNode entity;
    /** Position of its own last change. */
    long changedAt;
    /** Position of the last change of it or one of its replies. */
    long threadChangedAt;

    /** What it said before it was deleted. */
    Optional<JsonNode> deletedBody = Optional.empty();

    ChannelMessage(ObjectNode entity) {
        this.entity = entity;
    }

    String id() {
        return entity.path("id").asText();
    }

    String etag() {
        return entity.path("etag").asText();
    }

    Optional<String> replyToId() {
        return entity.path("replyToId").isTextual()
                ? Optional.of(entity.get("replyToId").textValue())
                : Optional.empty();
    }

    boolean deleted() {
        return entity.path("deletedDateTime").isTextual();
    }

    Optional<String> author() {
        String oid = entity.path("from").path("user").path("id").asText("");
        return oid.isEmpty() ? Optional.empty() : Optional.of(oid);
    }
}
