package org.m365connector.emulator.graph.teams;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.m365connector.emulator.graph.change.Change;
import org.m365connector.emulator.graph.change.ChangeType;
import org.m365connector.emulator.graph.change.Changes;
import org.m365connector.emulator.graph.protocol.Json;

/** A channel and its messages. A message's id is the millisecond of its creation, its etag that of its last change. */
final class Channel {

    final String id;
    String displayName;
    final Instant createdAt;
    private final Team team;
    private final Clock clock;
    private final Changes changes;
    private final Map<String, ChannelMessage> messages = new LinkedHashMap<>();
    private final Map<String, List<ChannelMessage>> replies = new HashMap<>();
    private final List<ChannelMessage> roots = new ArrayList<>();
    private long position;
    private long lastMillis;

    Channel(Team team, String id, String displayName, Instant createdAt, Clock clock, Changes changes) {
        this.team = team;
        this.id = id;
        this.displayName = displayName;
        this.createdAt = createdAt;
        this.clock = clock;
        this.changes = changes;
    }

    Team team() {
        return team;
    }

    long position() {
        return position;
    }

    /** Root messages, oldest first. */
    List<ChannelMessage> roots() {
        return new ArrayList<>(roots);
    }

    List<ChannelMessage> repliesTo(String rootId) {
        return new ArrayList<>(replies.getOrDefault(rootId, List.of()));
    }

    Optional<ChannelMessage> find(String messageId) {
        return Optional.ofNullable(messages.get(messageId));
    }

    List<ChannelMessage> newest(int count) {
        List<ChannelMessage> all = new ArrayList<>(messages.values());
        return all.subList(Math.max(0, all.size() - count), all.size());
    }

    ChannelMessage add(ObjectNode content, Optional<String> replyToId) {
        long millis = tick();
        ObjectNode entity = Json.object();
        String now = Json.millis(Instant.ofEpochMilli(millis));
        String messageId = Long.toString(millis);
        entity.put("id", messageId);
        entity.put("replyToId", replyToId.orElse(null));
        entity.put("etag", messageId);
        entity.put("messageType", "message");
        entity.put("createdDateTime", now);
        entity.put("lastModifiedDateTime", now);
        entity.putNull("lastEditedDateTime");
        entity.putNull("deletedDateTime");
        entity.setAll(content);
        entity.put(
                "webUrl",
                "https://teams.microsoft.com/l/message/" + URLEncoder.encode(id, StandardCharsets.UTF_8) + "/"
                        + messageId
                        + "?groupId=" + team.id + "&tenantId=" + team.tenantId + "&createdTime=" + messageId
                        + "&parentMessageId=" + replyToId.orElse(messageId));
        ChannelMessage message = new ChannelMessage(entity);
        messages.put(messageId, message);
        replyToId
                .map(root -> replies.computeIfAbsent(root, key -> new ArrayList<>()))
                .orElse(roots)
                .add(message);
        message.changedAt = ++position;
        message.threadChangedAt = position;
        replyToId.flatMap(this::find).ifPresent(root -> root.threadChangedAt = position);
        publish(ChangeType.CREATED, message, Optional.empty());
        return message;
    }

    void change(ChannelMessage message, ChangeType type, Consumer<ObjectNode> change) {
        ObjectNode before = message.entity.deepCopy();
        long millis = tick();
        change.accept(message.entity);
        message.entity.put("lastModifiedDateTime", Json.millis(Instant.ofEpochMilli(millis)));
        message.entity.put("etag", Long.toString(millis));
        message.changedAt = ++position;
        message.threadChangedAt = position;
        message.replyToId().flatMap(this::find).ifPresent(root -> root.threadChangedAt = position);
        publish(type, message, Optional.of(before));
    }

    /** Never the same twice, so that ids and etags are unique in the channel. */
    private long tick() {
        lastMillis = Math.max(lastMillis + 1, clock.millis());
        return lastMillis;
    }

    private void publish(ChangeType type, ChannelMessage message, Optional<ObjectNode> before) {
        changes.publish(new Change.ChannelMessage(
                type,
                team.tenantId,
                team.id,
                id,
                message.id(),
                message.replyToId(),
                message.etag(),
                before,
                Optional.of(message.entity.deepCopy()),
                clock.instant()));
    }
}
