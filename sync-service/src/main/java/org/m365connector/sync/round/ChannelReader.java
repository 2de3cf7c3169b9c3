package org.m365connector.sync.round;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.graph.models.ChatMessage;
import com.microsoft.graph.models.ChatMessageCollectionResponse;
import com.microsoft.graph.models.ChatMessageType;
import com.microsoft.graph.models.Identity;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.graph.teams.item.channels.item.messages.MessagesRequestBuilder;
import com.microsoft.graph.teams.item.channels.item.messages.delta.DeltaGetResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.m365connector.events.EncryptedResource;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.graph.GraphAccess;

/** Messages of one channel, and their replies. What the system says there is nobody's message and left out. */
final class ChannelReader implements ContainerReader {
    private static final String REPLIES = "/replies/";
    private static final int LARGEST_PAGE = 50;

    private static final int MOST_PAGES_OF_REPLIES = 20;

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
            addFurther(items, root);
        }
        return new DeltaPage(
                items,
                Optional.ofNullable(page.getOdataNextLink()).map(GraphAccess::relative),
                Optional.ofNullable(page.getOdataDeltaLink()).map(GraphAccess::relative));
    }

    /**
     * A message shows so many of its replies, and a link to the others. Not without an end: a round tells them together, and what is older
     * than so many has been told before, or is of before the watch.
     */
    private void addFurther(List<Item> items, ChatMessage root) {
        String next = (String) root.getAdditionalData().get("replies@odata.nextLink");
        for (int pages = 0; next != null && pages < MOST_PAGES_OF_REPLIES; pages++) {
            ChatMessageCollectionResponse page = messages()
                    .byChatMessageId(root.getId())
                    .replies()
                    .withUrl(GraphAccess.absolute(client, GraphAccess.relative(next)))
                    .get();
            if (page.getValue() != null) {
                page.getValue().forEach(reply -> add(items, reply, root.getId()));
            }
            next = page.getOdataNextLink();
        }
    }

    @Override
    public boolean isThere(Item item) {
        return ContainerReader.ifThere(() -> currently(item))
                .filter(message -> message.getDeletedDateTime() == null)
                .isPresent();
    }

    /** What the system says is nobody's message. */
    @Override
    public Single single(Item item) {
        return ContainerReader.ifThere(() -> currently(item))
                .flatMap(message -> {
                    List<Item> shown = new ArrayList<>();
                    add(shown, message, message.getReplyToId());
                    return shown.stream().findFirst();
                })
                .<Single>map(Single.There::new)
                .orElseGet(Single.Gone::new);
    }

    @Override
    public Optional<Item> told(byte[] json, EncryptedResource notification) {
        ChatMessage message = Content.parse(json, ChatMessage::createFromDiscriminatorValue);
        boolean ours = notification.resourceId().equals(message.getId())
                && message.getLastModifiedDateTime() != null
                && (message.getChannelIdentity() == null
                        || channel.equals(message.getChannelIdentity().getChannelId()));
        List<Item> items = new ArrayList<>();
        if (ours) {
            add(items, message, message.getReplyToId());
        }
        return items.stream().findFirst();
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
        String path = "teams/" + team + "/channels/" + channel + "/messages/"
                + (rootId == null ? "" : rootId + REPLIES)
                + message.getId();
        item(message, rootId, path).ifPresent(items::add);
    }

    /** A message of a channel or a chat; empty for what the system says there. */
    static Optional<Item> item(ChatMessage message, String rootId, String path) {
        if (message.getMessageType() != null && message.getMessageType() != ChatMessageType.Message) {
            return Optional.empty();
        }
        boolean removed = message.getDeletedDateTime() != null || Members.isRemoved(message);
        Instant created = Members.instant(message.getCreatedDateTime());
        Instant modified = message.getLastModifiedDateTime() == null
                ? created
                : Members.instant(message.getLastModifiedDateTime());
        return Optional.of(new Item(
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
        Members.put(resource, "replyToId", rootId);
        Members.put(resource, "subject", message.getSubject());
        user(message).ifPresent(user -> {
            Members.put(resource, "from", user.getDisplayName());
            Members.put(resource, "fromUserId", user.getId());
        });
        Members.put(resource, "createdDateTime", message.getCreatedDateTime());
        Members.put(resource, "lastModifiedDateTime", message.getLastModifiedDateTime());
        Members.put(resource, "webUrl", message.getWebUrl());
        Content.put(resource, message.getBody());
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
}
