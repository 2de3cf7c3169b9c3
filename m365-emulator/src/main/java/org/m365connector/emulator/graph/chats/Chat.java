package org.m365connector.emulator.graph.chats;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.m365connector.emulator.graph.change.Change;
import org.m365connector.emulator.graph.change.ChangeType;
import org.m365connector.emulator.graph.change.Changes;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;

/** A chat, its members and its messages. A message's id is the millisecond of its creation, its etag that of its last change. */
final class Chat {

    final String id;
    final String tenantId;
    final String type;
    final Optional<String> topic;
    final Instant createdAt;
    final Set<String> members = new LinkedHashSet<>();
    Instant lastUpdatedAt;
    private final Clock clock;
    private final Changes changes;
    private final Map<String, ObjectNode> messages = new LinkedHashMap<>();
    private final Map<String, JsonNode> deletedBodies = new HashMap<>();
    private long lastMillis;

    Chat(String id, String tenantId, String type, Optional<String> topic, Clock clock, Changes changes) {
        this.id = id;
        this.tenantId = tenantId;
        this.type = type;
        this.topic = topic;
        this.createdAt = clock.instant();
        this.lastUpdatedAt = createdAt;
        this.clock = clock;
        this.changes = changes;
    }

    /** Oldest first. */
    List<ObjectNode> messages() {
        return new ArrayList<>(messages.values());
    }

    Optional<ObjectNode> find(String messageId) {
        return Optional.ofNullable(messages.get(messageId));
    }

    ObjectNode add(ObjectNode content) {
        ObjectNode message = stored(content);
        publish(ChangeType.CREATED, message, Optional.empty());
        return message;
    }

    /** What Teams itself says, of somebody who comes or goes; nobody is told of it. */
    void addSystemMessage(ObjectNode eventDetail) {
        ObjectNode content =
                Json.object().put("messageType", "systemEventMessage").putNull("from");
        content.putObject("body").put("contentType", "html").put("content", "<systemEventMessage/>");
        content.set("eventDetail", eventDetail);
        content.putArray("reactions");
        stored(content);
        lastUpdatedAt = clock.instant();
    }

    private ObjectNode stored(ObjectNode content) {
        long millis = tick();
        String messageId = Long.toString(millis);
        String now = Json.millis(Instant.ofEpochMilli(millis));
        ObjectNode message = Json.object().put("id", messageId).putNull("replyToId");
        message.put("etag", messageId).put("messageType", "message");
        message.put("createdDateTime", now).put("lastModifiedDateTime", now);
        message.putNull("lastEditedDateTime").putNull("deletedDateTime");
        message.setAll(content);
        message.put("chatId", id);
        message.put(
                "webUrl",
                "https://teams.microsoft.com/l/message/" + URLEncoder.encode(id, StandardCharsets.UTF_8) + "/"
                        + messageId + "?context=%7B%22contextType%22:%22chat%22%7D");
        messages.put(messageId, message);
        return message;
    }

    void edit(ObjectNode message, JsonNode input) {
        if (message.path("deletedDateTime").isTextual()) {
            throw GraphError.notFound("NotFound");
        }
        ObjectNode body = input.has("body") ? MessageContent.body(input) : (ObjectNode) message.get("body");
        change(message, ChangeType.UPDATED, entity -> {
            entity.set("body", body);
            for (String name : List.of("mentions", "attachments")) {
                if (input.has(name)) {
                    entity.set(name, input.get(name));
                }
            }
            entity.put("lastEditedDateTime", Json.millis(clock.instant()));
        });
    }

    /** The message stays, empty. */
    void softDelete(ObjectNode message) {
        if (message.path("deletedDateTime").isTextual()) {
            return;
        }
        deletedBodies.put(message.path("id").asText(), message.path("body").deepCopy());
        change(message, ChangeType.DELETED, entity -> {
            entity.put("deletedDateTime", Json.millis(clock.instant()));
            entity.putObject("body").put("contentType", "html").put("content", "");
            entity.putArray("attachments");
            entity.putArray("mentions");
        });
    }

    void undoSoftDelete(ObjectNode message) {
        if (message.path("deletedDateTime").isTextual()) {
            change(message, ChangeType.UPDATED, entity -> {
                entity.putNull("deletedDateTime");
                entity.set("body", deletedBodies.remove(message.path("id").asText()));
            });
        }
    }

    void change(ObjectNode message, ChangeType type, Consumer<ObjectNode> change) {
        ObjectNode before = message.deepCopy();
        change.accept(message);
        long millis = tick();
        message.put("lastModifiedDateTime", Json.millis(Instant.ofEpochMilli(millis)));
        message.put("etag", Long.toString(millis));
        publish(type, message, Optional.of(before));
    }

    /** Never the same twice, so that ids and etags are unique in the chat. */
    private long tick() {
        lastMillis = Math.max(lastMillis + 1, clock.millis());
        return lastMillis;
    }

    private void publish(ChangeType type, ObjectNode message, Optional<ObjectNode> before) {
        changes.publish(new Change.ChatMessage(
                type,
                tenantId,
                id,
                Set.copyOf(members),
                message.path("id").asText(),
                message.path("etag").asText(),
                before,
                Optional.of(message.deepCopy()),
                clock.instant()));
    }
}
