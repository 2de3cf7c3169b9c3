package org.m365connector.sync.round;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.graph.models.Chat;
import com.microsoft.graph.models.ChatCollectionResponse;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.graph.users.item.chats.ChatsRequestBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.graph.GraphAccess;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.graph.GraphFailure;

/** The chats that somebody is in. There is no delta: all of them each time. */
final class ChatsReader implements ContainerReader {
    /** What stands where others have a delta link. */
    static final String LISTED = "listed";

    private static final int LARGEST_PAGE = 50;

    private final GraphServiceClient client;
    private final String user;
    private final int pageSize;

    ChatsReader(GraphServiceClient client, String user, int pageSize) {
        this.client = client;
        this.user = user;
        this.pageSize = Math.min(pageSize, LARGEST_PAGE);
    }

    @Override
    public DeltaPage read(Optional<String> link) {
        ChatCollectionResponse page = link.isPresent()
                ? chats().withUrl(GraphAccess.absolute(client, link.get())).get()
                : chats().get(request -> request.queryParameters.top = pageSize);
        List<Chat> value = page.getValue() == null ? List.of() : page.getValue();
        Optional<String> next = Optional.ofNullable(page.getOdataNextLink()).map(GraphAccess::relative);
        return new DeltaPage(
                value.stream().map(this::item).toList(),
                next,
                next.isPresent() ? Optional.empty() : Optional.of(LISTED));
    }

    @Override
    public boolean isThere(Item item) {
        return missed(item).isPresent();
    }

    /** Whoever has left a chat may not look into it. */
    @Override
    public Optional<Item> missed(Item item) {
        try {
            return ContainerReader.ifThere(
                    () -> item(chats().byChatId(item.id()).get()));
        } catch (GraphException e) {
            if (e.failure() instanceof GraphFailure.Refused refused && refused.status() == 403) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private ChatsRequestBuilder chats() {
        return client.users().byUserId(user).chats();
    }

    private Item item(Chat chat) {
        Instant created = Members.instant(chat.getCreatedDateTime());
        Instant modified =
                chat.getLastUpdatedDateTime() == null ? created : Members.instant(chat.getLastUpdatedDateTime());
        ObjectNode resource = JsonNodeFactory.instance.objectNode().put("id", chat.getId());
        Members.put(resource, "topic", chat.getTopic());
        Members.put(
                resource,
                "chatType",
                chat.getChatType() == null ? null : chat.getChatType().getValue());
        Members.put(resource, "createdDateTime", chat.getCreatedDateTime());
        Members.put(resource, "lastUpdatedDateTime", chat.getLastUpdatedDateTime());
        Members.put(resource, "webUrl", chat.getWebUrl());
        return new Item(
                chat.getId(),
                "users/" + user + "/chats/" + chat.getId(),
                false,
                modified.toString(),
                created,
                modified,
                resource,
                fields(chat));
    }

    private static Map<String, String> fields(Chat chat) {
        Map<String, String> fields = new TreeMap<>();
        fields.put("topic", Objects.toString(chat.getTopic(), ""));
        fields.put("chatType", Objects.toString(chat.getChatType(), ""));
        return fields;
    }
}
