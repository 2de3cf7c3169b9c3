package org.m365connector.sync.round;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.graph.models.MailFolder;
import com.microsoft.graph.models.Message;
import com.microsoft.graph.models.MessageCollectionResponse;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.graph.users.item.mailfolders.delta.DeltaGetResponse;
import com.microsoft.graph.users.item.messages.MessagesRequestBuilder;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.m365connector.sync.change.ChangeVersion;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.graph.GraphAccess;

/**
 * The folders of a mailbox, however deep they lie: all of them each time, by the first round of their delta, which alone shows
 * them in one list. With the last page comes in which of them mails have changed since the last look: a notification about the
 * whole mailbox does not say where.
 */
final class MailboxReader implements ContainerReader {
    private static final int LARGE_PAGE = 200;

    private final GraphServiceClient client;
    private final String user;
    private final Instant since;

    /** @param since from when on changes are looked for */
    MailboxReader(GraphServiceClient client, String user, Instant since) {
        this.client = client;
        this.user = user;
        this.since = since;
    }

    @Override
    public DeltaPage read(Optional<String> link) {
        var delta = client.users().byUserId(user).mailFolders().delta();
        DeltaGetResponse page = link.map(known -> delta.withUrl(GraphAccess.absolute(client, known)))
                .orElse(delta)
                .get(request -> request.headers.add("Prefer", "odata.maxpagesize=" + LARGE_PAGE));
        List<MailFolder> folders = page.getValue() == null ? List.of() : page.getValue();
        List<Item> items = folders.stream()
                .filter(folder -> !Members.isRemoved(folder))
                .map(this::item)
                .toList();
        Optional<String> next = Optional.ofNullable(page.getOdataNextLink()).map(GraphAccess::relative);
        return next.isPresent()
                ? new DeltaPage(items, next, Optional.empty())
                : new DeltaPage(items, next, Optional.of(ChatsReader.LISTED), touched());
    }

    /** Ids of the folders that mails lie in that were changed since; one that went away has left no trace here. */
    private Set<String> touched() {
        Set<String> folders = new HashSet<>();
        MessageCollectionResponse page = messages().get(request -> {
            request.headers.add("Prefer", GraphAccess.IMMUTABLE_IDS);
            request.queryParameters.filter = "lastModifiedDateTime ge " + since;
            request.queryParameters.select = new String[] {"id", "parentFolderId"};
            request.queryParameters.top = LARGE_PAGE;
        });
        while (page != null) {
            List<Message> value = page.getValue() == null ? List.of() : page.getValue();
            value.forEach(message -> folders.add(message.getParentFolderId()));
            String next = page.getOdataNextLink();
            page = next == null
                    ? null
                    : messages()
                            .withUrl(GraphAccess.absolute(client, GraphAccess.relative(next)))
                            .get();
        }
        return folders;
    }

    private MessagesRequestBuilder messages() {
        return client.users().byUserId(user).messages();
    }

    @Override
    public boolean isThere(Item item) {
        return missed(item).isPresent();
    }

    @Override
    public Optional<Item> missed(Item item) {
        return ContainerReader.ifThere(() -> item(client.users()
                .byUserId(user)
                .mailFolders()
                .byMailFolderId(item.id())
                .get()));
    }

    /** Of a mail: in which folder it lies. */
    @Override
    public Single single(Item item) {
        return ContainerReader.ifThere(() -> messages().byMessageId(item.id()).get(request -> {
                    request.headers.add("Prefer", GraphAccess.IMMUTABLE_IDS);
                    request.queryParameters.select = new String[] {"id", "parentFolderId"};
                }))
                .<Single>map(mail -> new Single.Elsewhere("users/" + user + "/mailFolders/" + mail.getParentFolderId()))
                .orElseGet(Single.Gone::new);
    }

    /** A folder has neither an etag nor times: its version is what it says. When it was made nobody knows. */
    private Item item(MailFolder folder) {
        Map<String, String> fields = new TreeMap<>();
        fields.put("displayName", Objects.toString(folder.getDisplayName(), ""));
        fields.put("parentFolderId", Objects.toString(folder.getParentFolderId(), ""));
        ObjectNode resource = JsonNodeFactory.instance.objectNode().put("id", folder.getId());
        Members.put(resource, "displayName", folder.getDisplayName());
        Members.put(resource, "parentFolderId", folder.getParentFolderId());
        return new Item(
                folder.getId(),
                "users/" + user + "/mailFolders/" + folder.getId(),
                false,
                ChangeVersion.of(fields),
                Instant.EPOCH,
                Instant.EPOCH,
                resource,
                fields);
    }
}
