package org.m365connector.sync.round;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.graph.models.ChatMessage;
import com.microsoft.graph.models.ChatMessageType;
import com.microsoft.graph.models.Identity;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.graph.teams.item.channels.item.messages.MessagesRequestBuilder;
import com.microsoft.graph.teams.item.channels.item.messages.delta.DeltaGetResponse;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.graph.GraphAccess;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.graph.GraphFailure;

/** Messages of one channel, and their replies. What the system says there is nobody's message and left out. */
final class ChannelReader implements ContainerReader {
    private static final String REPLIES = "/replies/";
    private static final int LARGEST_PAGE = 50;

    private final GraphServiceClient client;
    private final String team;
    private final String channel;
    private final int pageSize;

    ChannelReader(GraphServiceClient client, String team, String channel, int pageSize) {
        this.client = client;
        this.team = team;
        this.channel = channel;
        this.pageSize = Math.min(pageSize, LARGEST_PAGE);
    }

    @Override
    public DeltaPage read(Optional<String> link) {
        var delta = messages().delta();
        DeltaGetResponse page = link.isPresent()
                ? delta.withUrl(GraphAccess.absolute(client, link.get())).get()
                : delta.get(request -> {
                    request.queryParameters.top = pageSize;
                    request.queryParameters.expand = new String[] {"replies"};
                });
        List<Item> items = new ArrayList<>();
        List<ChatMessage> roots = page.getValue() == null ? List.of() : page.getValue();
        for (ChatMessage root : roots) {
            add(items, root, root.getReplyToId());
            if (root.getReplies() != null) {
                root.getReplies().forEach(reply -> add(items, reply, root.getId()));
            }
        }
        return new DeltaPage(
                items,
                Optional.ofNullable(page.getOdataNextLink()).map(GraphAccess::relative),
                Optional.ofNullable(page.getOdataDeltaLink()).map(GraphAccess::relative));
    }

    @Override
    public boolean isThere(Item item) {
        try {
            return currently(item).getDeletedDateTime() == null;
        } catch (GraphException e) {
            if (e.failure() instanceof GraphFailure.Refused refused && refused.status() == 404) {
                return false;
            }
            throw e;
        }
    }

    private ChatMessage currently(Item item) {
        int replies = item.path().indexOf(REPLIES);
        if (replies < 0) {
            return messages().byChatMessageId(item.id()).get();
        }
        String root = item.path().substring(item.path().lastIndexOf('/', replies - 1) + 1, replies);
        return messages()
                .byChatMessageId(root)
                .replies()
                .byChatMessageId1(item.id())
                .get();
    }

    private MessagesRequestBuilder messages() {
        return client.teams().byTeamId(team).channels().byChannelId(channel).messages();
    }

    private void add(List<Item> items, ChatMessage message, String rootId) {
        if (message.getMessageType() != null && message.getMessageType() != ChatMessageType.Message) {
            return;
        }
        boolean removed = message.getDeletedDateTime() != null
                || message.getAdditionalData().containsKey("@removed");
        Instant created = instant(message.getCreatedDateTime());
        Instant modified =
                message.getLastModifiedDateTime() == null ? created : instant(message.getLastModifiedDateTime());
        String path = "teams/" + team + "/channels/" + channel + "/messages/"
                + (rootId == null ? "" : rootId + REPLIES)
                + message.getId();
        items.add(new Item(
                message.getId(),
                path,
                removed,
                removed ? "" : Objects.requireNonNullElseGet(message.getEtag(), modified::toString),
                created,
                modified,
                removed ? onlyId(message) : resource(message, rootId),
                fields(message)));
    }

    private static ObjectNode onlyId(ChatMessage message) {
        return JsonNodeFactory.instance.objectNode().put("id", message.getId());
    }

    private static ObjectNode resource(ChatMessage message, String rootId) {
        ObjectNode resource = onlyId(message);
        put(resource, "replyToId", rootId);
        put(resource, "subject", message.getSubject());
        user(message).ifPresent(user -> {
            put(resource, "from", user.getDisplayName());
            put(resource, "fromUserId", user.getId());
        });
        put(resource, "createdDateTime", message.getCreatedDateTime());
        put(resource, "lastModifiedDateTime", message.getLastModifiedDateTime());
        put(resource, "webUrl", message.getWebUrl());
        return resource;
    }

    private static Map<String, String> fields(ChatMessage message) {
        Map<String, String> fields = new TreeMap<>();
        fields.put("subject", Objects.toString(message.getSubject(), ""));
        fields.put("importance", Objects.toString(message.getImportance(), ""));
        fields.put(
                "body",
                message.getBody() == null
                        ? ""
                        : Objects.toString(message.getBody().getContent(), ""));
        fields.put(
                "reactions",
                message.getReactions() == null
                        ? ""
                        : message.getReactions().stream()
                                .map(reaction -> reaction.getReactionType() + " " + reaction.getCreatedDateTime())
                                .sorted()
                                .toList()
                                .toString());
        return fields;
    }

    private static Optional<Identity> user(ChatMessage message) {
        return Optional.ofNullable(message.getFrom()).map(from -> from.getUser());
    }

    private static Instant instant(OffsetDateTime time) {
        return time == null ? Instant.EPOCH : time.toInstant();
    }

    private static void put(ObjectNode node, String name, Object value) {
        if (value != null) {
            node.put(name, value.toString());
        }
    }
}
