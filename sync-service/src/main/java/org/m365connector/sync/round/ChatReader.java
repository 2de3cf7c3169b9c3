package org.m365connector.sync.round;

import com.microsoft.graph.models.ChatMessage;
import com.microsoft.graph.models.ChatMessageCollectionResponse;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.graph.users.item.chats.item.messages.MessagesRequestBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.graph.GraphAccess;

/**
 * Messages of one chat, as a member of it sees them. A chat has no delta: what was changed since the last look, and some time
 * before it, is read by the time of its last change. A message that is deleted stays, says so, and was changed by that.
 *
 * <p>What stands for a link: the time, by Graph's clock, of the look that has begun, and the next page's link while it goes on.
 */
final class ChatReader implements ContainerReader {
    private static final int LARGEST_PAGE = 50;

    private final GraphServiceClient client;
    private final String member;
    private final String chat;
    private final Instant since;
    private final Duration overlap;
    private final int pageSize;

    /** @param since before this nothing is told, so before it nothing needs to be read */
    ChatReader(GraphServiceClient client, String member, String chat, Instant since, Duration overlap, int pageSize) {
        this.client = client;
        this.member = member;
        this.chat = chat;
        this.since = since;
        this.overlap = overlap;
        this.pageSize = Math.min(pageSize, LARGEST_PAGE);
    }

    @Override
    public DeltaPage read(Optional<String> link) {
        Optional<Look> before = link.map(Look::of);
        Optional<String> goesOn = before.flatMap(Look::next);
        ChatMessageCollectionResponse page;
        Instant began;
        if (goesOn.isPresent()) {
            began = before.get().began();
            page = messages()
                    .withUrl(GraphAccess.absolute(client, goesOn.get()))
                    .get();
        } else {
            Instant from = before.map(Look::began).orElse(since).minus(overlap);
            page = messages().get(request -> {
                request.queryParameters.top = pageSize;
                request.queryParameters.orderby = new String[] {"lastModifiedDateTime desc"};
                request.queryParameters.filter = "lastModifiedDateTime gt " + from;
            });
            began = GraphAccess.timeOfLastAnswer().orElse(from);
        }
        List<Item> items = new ArrayList<>();
        List<ChatMessage> value = page.getValue() == null ? List.of() : page.getValue();
        value.forEach(message -> item(message).ifPresent(items::add));
        Optional<String> next = Optional.ofNullable(page.getOdataNextLink())
                .map(GraphAccess::relative)
                .map(relative -> new Look(began, Optional.of(relative)).text());
        return new DeltaPage(
                items,
                next,
                next.isPresent() ? Optional.empty() : Optional.of(new Look(began, Optional.empty()).text()));
    }

    @Override
    public boolean isThere(Item item) {
        return ContainerReader.ifThere(
                        () -> messages().byChatMessageId(item.id()).get())
                .filter(message -> message.getDeletedDateTime() == null)
                .isPresent();
    }

    @Override
    public Single single(Item item) {
        return ContainerReader.ifThere(
                        () -> messages().byChatMessageId(item.id()).get())
                .flatMap(this::item)
                .<Single>map(Single.There::new)
                .orElseGet(Single.Gone::new);
    }

    private Optional<Item> item(ChatMessage message) {
        return ChannelReader.item(message, null, "chats/" + chat + "/messages/" + message.getId());
    }

    private MessagesRequestBuilder messages() {
        return client.users().byUserId(member).chats().byChatId(chat).messages();
    }

    /**
     * A look at a chat.
     *
     * @param next link of the page to go on with
     */
    private record Look(Instant began, Optional<String> next) {

        static Look of(String text) {
            int end = text.indexOf(' ');
            return end < 0
                    ? new Look(Instant.parse(text), Optional.empty())
                    : new Look(Instant.parse(text.substring(0, end)), Optional.of(text.substring(end + 1)));
        }

        String text() {
            return began + next.map(link -> " " + link).orElse("");
        }
    }
}
