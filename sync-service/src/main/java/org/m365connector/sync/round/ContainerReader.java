package org.m365connector.sync.round;

import com.microsoft.graph.serviceclient.GraphServiceClient;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.m365connector.events.EncryptedResource;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.watch.Watch;

/** How one kind of container is read. Failures come as {@link GraphException}. */
interface ContainerReader {

    /** @param link of the page before or of the last round; empty at the beginning of a full scan */
    DeltaPage read(Optional<String> link);

    /** Whether this resource is in the container right now. */
    boolean isThere(Item item);

    /** The same with what people wrote, as {@link Item#BODY}; as it is where it has that already, or is gone. */
    default Item withContent(Item item) {
        return item;
    }

    /**
     * A resource as a notification's content shows it.
     *
     * @param json in the clear
     * @return empty where that is not enough, or no resource of this container: a round finds out
     */
    default Optional<Item> told(byte[] json, EncryptedResource notification) {
        return Optional.empty();
    }

    /**
     * Of what a full list has not shown: its present state, where it is there nevertheless.
     *
     * @param item with id and path only
     */
    default Optional<Item> missed(Item item) {
        return Optional.empty();
    }

    /**
     * Asks for one thing that a notification has named and no page has shown.
     *
     * @param item with id and path only
     */
    default Single single(Item item) {
        return missed(item).<Single>map(Single.There::new).orElseGet(Single.Gone::new);
    }

    /** Whether what {@link #missed} or {@link #single} has found lies outside of what a full scan shows. */
    default boolean isOutside(Item item) {
        return false;
    }

    /** Whether the delta link serves no longer, though Graph still knows it. */
    default boolean outgrown(String link) {
        return false;
    }

    /**
     * What the call brings; empty where Graph does not find it.
     *
     * @throws GraphException any other answer: also a 404 that is nobody's, or says that somebody has no mailbox ({@link Whereabouts})
     */
    static <T> Optional<T> ifThere(Supplier<T> call) {
        try {
            return Optional.of(call.get());
        } catch (GraphException e) {
            if (Whereabouts.isNotFound(e.failure())) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * @param carrier the watch on whose behalf Graph is asked
     * @param questions of the round, about single things without which a page cannot be read
     */
    static ContainerReader of(
            Container container,
            Watch carrier,
            GraphServiceClient client,
            RoundConfig config,
            Instant now,
            Questions questions) {
        int pageSize = config.pageSize();
        String[] path = container.path().split("/", -1);
        return switch (container.kind()) {
            case MAIL_FOLDER -> new MailFolderReader(client, path[1], path[3], pageSize);
            case MAILBOX ->
                new MailboxReader(
                        client,
                        path[1],
                        container.lastRoundAt().orElse(container.since()).minus(config.mailboxOverlap()));
            case CONTACTS ->
                new ContactsReader(
                        client,
                        container.path(),
                        path[1],
                        path.length > 3 ? Optional.of(path[3]) : Optional.empty(),
                        pageSize);
            case DRIVE -> new DriveReader(client, container.path(), pageSize);
            case CHANNEL -> new ChannelReader(client, path[1], path[3], pageSize);
            case CALENDAR ->
                new CalendarReader(
                        client,
                        container.path(),
                        new CalendarReader.Window(
                                config.calendarBack(), config.calendarAhead(), config.calendarSlide()),
                        now,
                        pageSize,
                        questions);
            case TEAM -> new TeamReader(client, path[1]);
            case CHATS -> new ChatsReader(client, path[1], pageSize);
            case CHAT ->
                new ChatReader(
                        client,
                        carrier.member().orElseThrow(),
                        path[1],
                        container.since(),
                        config.chatOverlap(),
                        pageSize);
        };
    }
}
