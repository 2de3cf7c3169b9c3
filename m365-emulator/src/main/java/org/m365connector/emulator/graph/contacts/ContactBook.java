package org.m365connector.emulator.graph.contacts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.change.Change;
import org.m365connector.emulator.graph.change.ChangeType;
import org.m365connector.emulator.graph.change.Changes;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;

/** Somebody's folders of contacts, and the history that deltas are made of. What is deleted lies in Deleted Items for a while. */
final class ContactBook {

    /** A contact that has left a folder. */
    record Departure(String folderId, String id, String immutableId, long cameAt, long leftAt) {

        String id(boolean immutable) {
            return immutable ? immutableId : id;
        }
    }

    record Folder(String id, String displayName) {}

    private final UserAccount owner;
    private final Clock clock;
    private final Changes changes;
    private final Folder standard;
    private final Folder deletedItems;
    private final Map<String, Folder> folders = new LinkedHashMap<>();
    private final Map<String, Contact> byImmutableId = new LinkedHashMap<>();
    private final List<Departure> departures = new ArrayList<>();
    private long position;

    ContactBook(UserAccount owner, Clock clock, Changes changes) {
        this.owner = owner;
        this.clock = clock;
        this.changes = changes;
        this.standard = new Folder(id("contacts"), "Contacts");
        this.deletedItems = new Folder(id("deleteditems"), "Deleted Items");
        folders.put(standard.id(), standard);
    }

    UserAccount owner() {
        return owner;
    }

    long position() {
        return position;
    }

    Folder standard() {
        return standard;
    }

    /** Besides the standard one. */
    List<Folder> otherFolders() {
        return folders.values().stream()
                .filter(folder -> !folder.equals(standard))
                .toList();
    }

    Folder folder(String folderId) {
        return Optional.ofNullable(folders.get(folderId)).orElseThrow(GraphError::folderNotFound);
    }

    /** For the control door: by its name too. */
    Folder named(String idOrName) {
        return folders.values().stream()
                .filter(folder ->
                        folder.id().equals(idOrName) || folder.displayName().equalsIgnoreCase(idOrName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no folder of contacts " + idOrName));
    }

    Folder makeFolder(String displayName) {
        if (folders.values().stream().anyMatch(folder -> folder.displayName().equalsIgnoreCase(displayName))) {
            throw GraphError.of(409, "ErrorFolderExists", "A folder with the specified name already exists.");
        }
        Folder folder = new Folder(id(UUID.randomUUID().toString()), displayName);
        folders.put(folder.id(), folder);
        return folder;
    }

    /** Gone for good, with all that is in it. */
    void removeFolder(Folder folder) {
        if (folder.equals(standard)) {
            throw GraphError.of(
                    400, "ErrorDeleteDistinguishedFolder", "A distinguished folder cannot be changed in this way.");
        }
        in(folder).forEach(this::remove);
        folders.remove(folder.id());
    }

    /** By either id, wherever it is. */
    Contact contact(String contactId) {
        return byImmutableId.values().stream()
                .filter(contact -> contact.id.equals(contactId) || contact.immutableId.equals(contactId))
                .findFirst()
                .orElseThrow(GraphError::itemNotFound);
    }

    List<Contact> in(Folder folder) {
        return byImmutableId.values().stream()
                .filter(contact -> contact.folderId.equals(folder.id()))
                .toList();
    }

    List<Departure> departuresFrom(Folder folder) {
        return departures.stream()
                .filter(departure -> departure.folderId().equals(folder.id()))
                .toList();
    }

    Contact add(Folder folder, ObjectNode content) {
        String now = Json.seconds(clock.instant());
        ObjectNode entity = Json.object().put("createdDateTime", now).put("lastModifiedDateTime", now);
        entity.setAll(content);
        Contact contact = new Contact("AAkALgAAAAAAHYQDEapmEc2byACqAC" + encoded(UUID.randomUUID()) + "AA", entity);
        byImmutableId.put(contact.immutableId, contact);
        arrive(contact, folder);
        return contact;
    }

    void change(Contact contact, ObjectNode change) {
        ObjectNode before = contact.shown(true);
        contact.entity.setAll(change);
        contact.entity.put("lastModifiedDateTime", Json.seconds(clock.instant()));
        contact.entity.put("changeKey", changeKey());
        contact.changedAt = ++position;
        publish(ChangeType.UPDATED, contact, Optional.of(before));
    }

    void move(Contact contact, Folder folder) {
        leave(contact);
        contact.entity.put("lastModifiedDateTime", Json.seconds(clock.instant()));
        arrive(contact, folder);
    }

    /** First to Deleted Items, where it can still be read, then away. */
    void delete(Contact contact) {
        if (contact.folderId.equals(deletedItems.id())) {
            remove(contact);
        } else {
            move(contact, deletedItems);
        }
    }

    void remove(Contact contact) {
        leave(contact);
        byImmutableId.remove(contact.immutableId);
    }

    private void arrive(Contact contact, Folder folder) {
        contact.id = "AAMkAD" + encoded(UUID.randomUUID()) + "AAA=";
        contact.folderId = folder.id();
        contact.cameAt = ++position;
        contact.changedAt = position;
        contact.entity.put("changeKey", changeKey());
        publish(ChangeType.CREATED, contact, Optional.empty());
    }

    private void leave(Contact contact) {
        departures.add(new Departure(contact.folderId, contact.id, contact.immutableId, contact.cameAt, ++position));
        publish(ChangeType.DELETED, contact, Optional.of(contact.shown(true)));
    }

    private void publish(ChangeType type, Contact contact, Optional<ObjectNode> before) {
        boolean gone = type == ChangeType.DELETED;
        changes.publish(new Change.Contact(
                type,
                owner.tenant().id(),
                owner.oid(),
                contact.folderId,
                contact.id,
                contact.immutableId,
                gone ? "" : contact.etag(),
                before,
                gone ? Optional.empty() : Optional.of(contact.shown(true)),
                clock.instant()));
    }

    private String id(String name) {
        return "AQMkA" + encoded(owner.oid() + "/" + name) + "AA==";
    }

    private static String changeKey() {
        return "EQAAABYAAAC" + encoded(UUID.randomUUID());
    }

    private static String encoded(Object text) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
