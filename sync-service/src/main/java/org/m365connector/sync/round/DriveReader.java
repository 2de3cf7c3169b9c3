package org.m365connector.sync.round;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.graph.drives.item.items.item.DriveItemItemRequestBuilder;
import com.microsoft.graph.drives.item.items.item.delta.DeltaGetResponse;
import com.microsoft.graph.models.DriveItem;
import com.microsoft.graph.models.Identity;
import com.microsoft.graph.models.ItemReference;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.graph.GraphAccess;

/**
 * Files and folders of a drive, wherever they lie in it. A move is an update whose parent differs. What is changed below a folder
 * does not change its version, so that such folders, which the delta shows too, are no news; nor is the root.
 *
 * <p>The SDK reaches a drive by its id only. Here it is called as the container's path says, {@code users/<id>/drive} or {@code
 * drives/<id>}, since whose it is can be judged by the former alone.
 */
final class DriveReader implements ContainerReader {
    private final GraphServiceClient client;
    private final String drive;
    private final int pageSize;

    /** @param drive path of the container */
    DriveReader(GraphServiceClient client, String drive, int pageSize) {
        this.client = client;
        this.drive = drive;
        this.pageSize = pageSize;
    }

    @Override
    public DeltaPage read(Optional<String> link) {
        String address = link.orElseGet(() -> "/" + drive + "/root/delta?$top=" + pageSize);
        DeltaGetResponse page =
                anyItem().delta().withUrl(GraphAccess.absolute(client, address)).get();
        List<DriveItem> items = page.getValue() == null ? List.of() : page.getValue();
        return new DeltaPage(
                items.stream()
                        .filter(item -> item.getRoot() == null)
                        .map(this::item)
                        .toList(),
                Optional.ofNullable(page.getOdataNextLink()).map(GraphAccess::relative),
                Optional.ofNullable(page.getOdataDeltaLink()).map(GraphAccess::relative));
    }

    @Override
    public boolean isThere(Item item) {
        String address = "/" + drive + "/items/" + URLEncoder.encode(item.id(), StandardCharsets.UTF_8);
        return ContainerReader.ifThere(() ->
                        anyItem().withUrl(GraphAccess.absolute(client, address)).get())
                .filter(found -> found.getDeleted() == null)
                .isPresent();
    }

    /** For its type: where it is called, the address says. */
    private DriveItemItemRequestBuilder anyItem() {
        return client.drives().byDriveId("drive").items().byDriveItemId("root");
    }

    private Item item(DriveItem item) {
        boolean removed = item.getDeleted() != null;
        Instant created = Members.instant(item.getCreatedDateTime());
        Instant modified = Members.instant(item.getLastModifiedDateTime(), created);
        return new Item(
                item.getId(),
                drive + "/items/" + item.getId(),
                removed,
                removed ? "" : Objects.requireNonNullElseGet(item.getETag(), modified::toString),
                created,
                modified,
                removed ? JsonNodeFactory.instance.objectNode().put("id", item.getId()) : resource(item),
                fields(item));
    }

    private static ObjectNode resource(DriveItem item) {
        ObjectNode resource = JsonNodeFactory.instance.objectNode().put("id", item.getId());
        Members.put(resource, "name", item.getName());
        Members.put(resource, "type", item.getFolder() != null ? "folder" : "file");
        Members.put(
                resource,
                "mimeType",
                item.getFile() == null ? null : item.getFile().getMimeType());
        Members.put(resource, "size", item.getFolder() != null ? null : item.getSize());
        Members.put(resource, "parentId", parent(item).map(ItemReference::getId).orElse(null));
        Members.put(
                resource, "driveId", parent(item).map(ItemReference::getDriveId).orElse(null));
        lastModifiedBy(item).ifPresent(user -> {
            Members.put(resource, "lastModifiedBy", user.getDisplayName());
            Members.put(resource, "lastModifiedByUserId", user.getId());
        });
        Members.put(resource, "createdDateTime", item.getCreatedDateTime());
        Members.put(resource, "lastModifiedDateTime", item.getLastModifiedDateTime());
        Members.put(resource, "webUrl", item.getWebUrl());
        return resource;
    }

    /** What is in a folder changes the size and the content's version of the folder too; it is no change of the folder. */
    private static Map<String, String> fields(DriveItem item) {
        boolean file = item.getFolder() == null;
        Map<String, String> fields = new TreeMap<>();
        fields.put("name", Objects.toString(item.getName(), ""));
        fields.put("parentId", parent(item).map(ItemReference::getId).orElse(""));
        fields.put("size", file ? Objects.toString(item.getSize(), "") : "");
        fields.put("content", file ? Objects.toString(item.getCTag(), "") : "");
        return fields;
    }

    private static Optional<ItemReference> parent(DriveItem item) {
        return Optional.ofNullable(item.getParentReference());
    }

    private static Optional<Identity> lastModifiedBy(DriveItem item) {
        return Optional.ofNullable(item.getLastModifiedBy()).map(by -> by.getUser());
    }
}
