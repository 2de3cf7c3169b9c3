package org.m365connector.sync.round;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.graph.models.EmailAddress;
import com.microsoft.graph.models.Message;
import com.microsoft.graph.models.Recipient;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.graph.users.item.mailfolders.item.messages.delta.DeltaGetResponse;
import com.microsoft.kiota.serialization.UntypedString;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.graph.GraphAccess;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.graph.GraphFailure;

/** Mails of one folder, by their immutable ids. */
final class MailFolderReader implements ContainerReader {
    private static final String[] MEMBERS = {
        "id",
        "subject",
        "from",
        "createdDateTime",
        "receivedDateTime",
        "lastModifiedDateTime",
        "isRead",
        "importance",
        "hasAttachments",
        "isDraft",
        "categories",
        "flag",
        "internetMessageId",
        "changeKey",
        "webLink"
    };

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
    public boolean isThere(Item item) {
        try {
            Message message = client.users()
                    .byUserId(user)
                    .messages()
                    .byMessageId(item.id())
                    .get(request -> {
                        request.headers.add("Prefer", GraphAccess.IMMUTABLE_IDS);
                        request.queryParameters.select = new String[] {"id", "parentFolderId"};
                    });
            return folder.equals(message.getParentFolderId());
        } catch (GraphException e) {
            if (e.failure() instanceof GraphFailure.Refused refused && refused.status() == 404) {
                return false;
            }
            throw e;
        }
    }

    private Item item(Message message) {
        boolean removed = message.getAdditionalData().containsKey("@removed");
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
        Object annotation = message.getAdditionalData().get("@odata.etag");
        String etag = annotation instanceof UntypedString text ? text.getValue() : Objects.toString(annotation, null);
        return Optional.ofNullable(etag)
                .or(() -> Optional.ofNullable(message.getChangeKey()))
                .orElseGet(modified::toString);
    }

    private static ObjectNode resource(Message message) {
        ObjectNode resource = JsonNodeFactory.instance.objectNode();
        resource.put("id", message.getId());
        put(resource, "subject", message.getSubject());
        from(message).ifPresent(address -> resource.put("from", address));
        put(resource, "receivedDateTime", message.getReceivedDateTime());
        put(resource, "lastModifiedDateTime", message.getLastModifiedDateTime());
        if (message.getIsRead() != null) {
            resource.put("isRead", message.getIsRead());
        }
        if (message.getHasAttachments() != null) {
            resource.put("hasAttachments", message.getHasAttachments());
        }
        put(resource, "internetMessageId", message.getInternetMessageId());
        put(resource, "webLink", message.getWebLink());
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

    private static void put(ObjectNode node, String name, Object value) {
        if (value != null) {
            node.put(name, value.toString());
        }
    }
}
