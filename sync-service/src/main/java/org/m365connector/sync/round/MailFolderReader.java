package org.m365connector.sync.round;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.graph.models.EmailAddress;
import com.microsoft.graph.models.Message;
import com.microsoft.graph.models.Recipient;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.graph.users.item.mailfolders.item.messages.delta.DeltaGetResponse;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.m365connector.events.EncryptedResource;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.graph.GraphAccess;
import org.m365connector.sync.watch.MailMembers;

/** Mails of one folder, by their immutable ids. */
final class MailFolderReader implements ContainerReader {
    private static final String[] MEMBERS = MailMembers.IN_ROUNDS.toArray(String[]::new);

    private static final String[] WITH_PLACE = Stream.concat(
                    MailMembers.IN_ROUNDS.stream(), Stream.of("parentFolderId"))
            .toArray(String[]::new);

    private final GraphServiceClient client;
    private final String user;
    private final String folder;
    private final int pageSize;

    MailFolderReader(GraphServiceClient client, String user, String folder, int pageSize) {
        this.client = client;
        this.user = user;
        this.folder = folder;
        this.pageSize = pageSize;
    }

    @Override
    public DeltaPage read(Optional<String> link) {
        var delta = client.users()
                .byUserId(user)
                .mailFolders()
                .byMailFolderId(folder)
                .messages()
                .delta();
        String prefer = GraphAccess.IMMUTABLE_IDS + ", odata.maxpagesize=" + pageSize;
        DeltaGetResponse page = link.isPresent()
                ? delta.withUrl(GraphAccess.absolute(client, link.get()))
                        .get(request -> request.headers.add("Prefer", prefer))
                : delta.get(request -> {
                    request.headers.add("Prefer", prefer);
                    request.queryParameters.select = MEMBERS;
                });
        return new DeltaPage(
                page.getValue() == null
                        ? List.of()
                        : page.getValue().stream().map(this::item).toList(),
                Optional.ofNullable(page.getOdataNextLink()).map(GraphAccess::relative),
                Optional.ofNullable(page.getOdataDeltaLink()).map(GraphAccess::relative));
    }

    @Override
    public Item withContent(Item item) {
        return message(item, "id", "body")
                .map(message -> Content.added(item, message.getBody()))
                .orElse(item);
    }

    @Override
    public boolean isThere(Item item) {
        return message(item, "id", "parentFolderId")
                .filter(message -> folder.equals(message.getParentFolderId()))
                .isPresent();
    }

    @Override
    public Single single(Item item) {
        return message(item, WITH_PLACE)
                .filter(message -> folder.equals(message.getParentFolderId()))
                .<Single>map(message -> new Single.There(item(message)))
                .orElseGet(Single.Gone::new);
    }

    private Optional<Message> message(Item item, String... members) {
        return ContainerReader.ifThere(() -> client.users()
                .byUserId(user)
                .messages()
                .byMessageId(item.id())
                .get(request -> {
                    request.headers.add("Prefer", GraphAccess.IMMUTABLE_IDS);
                    request.queryParameters.select = members;
                }));
    }

    @Override
    public Optional<Item> told(byte[] json, EncryptedResource notification) {
        Message message = Content.parse(json, Message::createFromDiscriminatorValue);
        boolean whole = notification.etag().isPresent()
                && folder.equals(message.getParentFolderId())
                && message.getLastModifiedDateTime() != null;
        if (!whole) {
            return Optional.empty();
        }
        message.setId(notification.resourceId());
        message.getAdditionalData().put("@odata.etag", notification.etag().get());
        return Optional.of(item(message));
    }

    private Item item(Message message) {
        boolean removed = Members.isRemoved(message);
        Instant created = instant(message.getCreatedDateTime(), message.getReceivedDateTime());
        Instant modified = instant(message.getLastModifiedDateTime(), message.getReceivedDateTime());
        return new Item(
                message.getId(),
                "users/" + user + "/mailFolders/" + folder + "/messages/" + message.getId(),
                removed,
                removed ? "" : etag(message, modified),
                created,
                modified,
                resource(message),
                fields(message));
    }

    private static String etag(Message message, Instant modified) {
        return Members.etag(message)
                .or(() -> Optional.ofNullable(message.getChangeKey()))
                .orElseGet(modified::toString);
    }

    private static ObjectNode resource(Message message) {
        ObjectNode resource = JsonNodeFactory.instance.objectNode();
        resource.put("id", message.getId());
        Members.put(resource, "subject", message.getSubject());
        from(message).ifPresent(address -> resource.put("from", address));
        if (message.getToRecipients() != null) {
            ArrayNode to = resource.putArray("to");
            message.getToRecipients().stream()
                    .map(Recipient::getEmailAddress)
                    .filter(address -> address != null && address.getAddress() != null)
                    .forEach(address -> to.add(address.getAddress()));
        }
        Members.put(resource, "receivedDateTime", message.getReceivedDateTime());
        Members.put(resource, "lastModifiedDateTime", message.getLastModifiedDateTime());
        Members.put(resource, "isRead", message.getIsRead());
        Members.put(resource, "hasAttachments", message.getHasAttachments());
        Members.put(resource, "internetMessageId", message.getInternetMessageId());
        Members.put(resource, "webLink", message.getWebLink());
        return resource;
    }

    private static Map<String, String> fields(Message message) {
        Map<String, String> fields = new TreeMap<>();
        fields.put("subject", Objects.toString(message.getSubject(), ""));
        fields.put("isRead", Objects.toString(message.getIsRead(), ""));
        fields.put("isDraft", Objects.toString(message.getIsDraft(), ""));
        fields.put("importance", Objects.toString(message.getImportance(), ""));
        fields.put("hasAttachments", Objects.toString(message.getHasAttachments(), ""));
        fields.put("categories", Objects.toString(message.getCategories(), ""));
        fields.put(
                "flag",
                message.getFlag() == null
                        ? ""
                        : Objects.toString(message.getFlag().getFlagStatus(), ""));
        return fields;
    }

    private static Optional<String> from(Message message) {
        return Optional.ofNullable(message.getFrom())
                .map(Recipient::getEmailAddress)
                .map(EmailAddress::getAddress);
    }

    private static Instant instant(OffsetDateTime first, OffsetDateTime second) {
        return Optional.ofNullable(first)
                .or(() -> Optional.ofNullable(second))
                .map(OffsetDateTime::toInstant)
                .orElse(Instant.EPOCH);
    }
}
