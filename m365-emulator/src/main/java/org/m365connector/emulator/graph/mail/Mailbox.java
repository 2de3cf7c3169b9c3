package org.m365connector.emulator.graph.mail;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.change.Change;
import org.m365connector.emulator.graph.change.ChangeType;
import org.m365connector.emulator.graph.change.Changes;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;

/**
 * Folders, mails, and the history that deltas are made of. A mail has two ids: one that changes with every move, one that
 * stays. Both are matched exactly: {@code AAMkAx=} is not {@code AAMkAX=}.
 */
final class Mailbox {

    private static final List<String[]> STANDARD = List.of(
            new String[] {"archive", "Archive"},
            new String[] {"deleteditems", "Deleted Items"},
            new String[] {"drafts", "Drafts"},
            new String[] {"inbox", "Inbox"},
            new String[] {"junkemail", "Junk Email"},
            new String[] {"outbox", "Outbox"},
            new String[] {"sentitems", "Sent Items"});

    private final UserAccount owner;
    private final Clock clock;
    private final Changes changes;
    private final Map<String, MailFolder> folders = new LinkedHashMap<>();
    private final Map<String, MailItem> byId = new LinkedHashMap<>();
    private final Map<String, MailItem> byImmutableId = new LinkedHashMap<>();
    private final Map<String, Map<String, MailItem>> byFolder = new HashMap<>();
    private final Map<String, List<Departure>> departures = new HashMap<>();
    private final List<Departure> goneFolders = new ArrayList<>();
    private long position;

    Mailbox(UserAccount owner, Clock clock, Changes changes) {
        this.owner = owner;
        this.clock = clock;
        this.changes = changes;
        addFolder(new MailFolder(
                MailIds.folder(owner.oid(), "msgfolderroot"),
                "Top of Information Store",
                Optional.of("msgfolderroot"),
                Optional.empty(),
                false));
        MailFolder root = folder("msgfolderroot");
        for (String[] names : STANDARD) {
            addFolder(new MailFolder(
                    MailIds.folder(owner.oid(), names[0]),
                    names[1],
                    Optional.of(names[0]),
                    Optional.of(root.id()),
                    false));
        }
        addFolder(new MailFolder(
                MailIds.folder(owner.oid(), "recoverableitemsdeletions"),
                "Deletions",
                Optional.of("recoverableitemsdeletions"),
                Optional.empty(),
                true));
    }

    UserAccount owner() {
        return owner;
    }

    /** By id, exactly, or by well-known name in any case. */
    Optional<MailFolder> findFolder(String idOrName) {
        return Optional.ofNullable(folders.get(idOrName)).or(() -> folders.values().stream()
                .filter(folder -> folder.is(idOrName.toLowerCase(Locale.ROOT)))
                .findFirst());
    }

    MailFolder folder(String idOrName) {
        return findFolder(idOrName)
                .orElseThrow(
                        () -> MailIds.wellFormed(idOrName) ? GraphError.folderNotFound() : GraphError.malformedId());
    }

    List<MailFolder> foldersIn(MailFolder parent) {
        return folders.values().stream()
                .filter(folder -> folder.parentId().filter(parent.id()::equals).isPresent())
                .toList();
    }

    MailFolder makeFolder(MailFolder parent, String displayName) {
        boolean exists =
                foldersIn(parent).stream().anyMatch(f -> f.displayName().equalsIgnoreCase(displayName));
        if (exists) {
            throw GraphError.of(409, "ErrorFolderExists", "A folder with the specified name already exists.");
        }
        MailFolder folder = new MailFolder(
                "AAMkA" + MailIds.random(60) + "AAA=", displayName, Optional.empty(), Optional.of(parent.id()), false);
        addFolder(folder);
        return folder;
    }

    /** By either id. */
    Optional<MailItem> find(String id) {
        return Optional.ofNullable(byId.get(id)).or(() -> Optional.ofNullable(byImmutableId.get(id)));
    }

    MailItem item(String id) {
        return find(id).orElseThrow(
                        () -> MailIds.wellFormed(id) ? GraphError.itemNotFound() : GraphError.malformedId());
    }

    List<MailItem> all() {
        return new ArrayList<>(byImmutableId.values());
    }

    List<MailItem> in(MailFolder folder) {
        return new ArrayList<>(byFolder.getOrDefault(folder.id(), Map.of()).values());
    }

    List<Departure> departuresFrom(MailFolder folder) {
        return departures.getOrDefault(folder.id(), List.of());
    }

    long position() {
        return position;
    }

    MailItem add(ObjectNode entity, MailFolder folder) {
        return add(entity, folder, MailIds.item(owner.oid()), MailIds.immutable(owner.oid()));
    }

    MailItem add(ObjectNode entity, MailFolder folder, String id, String immutableId) {
        MailItem item = new MailItem(id, immutableId, entity, folder);
        byImmutableId.put(immutableId, item);
        arrive(item, folder, id);
        return item;
    }

    void change(MailItem item, Consumer<ObjectNode> change) {
        ObjectNode before = item.entity.deepCopy();
        change.accept(item.entity);
        item.entity.put("lastModifiedDateTime", Json.seconds(clock.instant()));
        item.entity.put("changeKey", MailIds.changeKey());
        item.changedAt = ++position;
        publish(ChangeType.UPDATED, item, Optional.of(before), Optional.of(item.entity.deepCopy()));
    }

    /** Gone in one folder, new in the other, with a new id. */
    void move(MailItem item, MailFolder to, Consumer<ObjectNode> change) {
        leave(item);
        change.accept(item.entity);
        item.entity.put("lastModifiedDateTime", Json.seconds(clock.instant()));
        arrive(item, to, MailIds.item(owner.oid()));
    }

    /** Gone for good. */
    void remove(MailItem item) {
        leave(item);
        byImmutableId.remove(item.immutableId);
    }

    int count(MailFolder folder, boolean unreadOnly) {
        return (int) in(folder).stream()
                .filter(item -> !unreadOnly || !item.entity.path("isRead").asBoolean())
                .count();
    }

    private void arrive(MailItem item, MailFolder folder, String id) {
        item.id = id;
        item.folder = folder;
        item.cameAt = ++position;
        item.changedAt = position;
        item.entity.put("parentFolderId", folder.id());
        item.entity.put("changeKey", MailIds.changeKey());
        item.entity.put(
                "webLink",
                "https://outlook.office365.com/owa/?ItemID=" + id.replace("=", "%3D")
                        + "&exvsurl=1&viewmodel=ReadMessageItem");
        byId.put(id, item);
        byFolder.computeIfAbsent(folder.id(), key -> new LinkedHashMap<>()).put(item.immutableId, item);
        publish(ChangeType.CREATED, item, Optional.empty(), Optional.of(item.entity.deepCopy()));
    }

    private void leave(MailItem item) {
        byId.remove(item.id);
        byFolder.get(item.folder.id()).remove(item.immutableId);
        departures
                .computeIfAbsent(item.folder.id(), key -> new ArrayList<>())
                .add(new Departure(item.folder.id(), item.id, item.immutableId, item.cameAt, ++position));
        publish(ChangeType.DELETED, item, Optional.of(item.entity.deepCopy()), Optional.empty());
    }

    private void addFolder(MailFolder folder) {
        folders.put(folder.id(), folder);
        folder.cameAt = ++position;
        folder.changedAt = position;
    }

    List<MailFolder> folders() {
        return new ArrayList<>(folders.values());
    }

    /** Folders that are gone for good; their id is both. */
    List<Departure> goneFolders() {
        return goneFolders;
    }

    void renameFolder(MailFolder folder, String name) {
        requireOwn(folder);
        folder.rename(name);
        folder.changedAt = ++position;
    }

    /** With all that is in it: none of its mails has another folder than before. */
    void moveFolder(MailFolder folder, MailFolder parent) {
        requireOwn(folder);
        if (isAtOrBelow(parent, folder)) {
            throw GraphError.of(400, "ErrorMoveCopyFailed", "The folder cannot be moved into itself.");
        }
        folder.moveInto(parent);
        folder.changedAt = ++position;
    }

    /** First to Deleted Items, then away, with all that is in it. */
    void deleteFolder(MailFolder folder) {
        MailFolder deletedItems = folder("deleteditems");
        if (isAtOrBelow(folder, deletedItems)) {
            removeFolder(folder);
        } else {
            moveFolder(folder, deletedItems);
        }
    }

    /** Not even Deleted Items has it afterwards. */
    void removeFolder(MailFolder folder) {
        requireOwn(folder);
        foldersIn(folder).forEach(this::removeFolder);
        in(folder).forEach(this::remove);
        folders.remove(folder.id());
        goneFolders.add(new Departure("", folder.id(), folder.id(), folder.cameAt, ++position));
    }

    private boolean isAtOrBelow(MailFolder folder, MailFolder above) {
        return folder == above
                || folder.parentId()
                        .flatMap(this::findFolder)
                        .filter(parent -> isAtOrBelow(parent, above))
                        .isPresent();
    }

    private static void requireOwn(MailFolder folder) {
        if (folder.wellKnownName().isPresent()) {
            throw GraphError.of(
                    400, "ErrorDeleteDistinguishedFolder", "A distinguished folder cannot be changed in this way.");
        }
    }

    private void publish(ChangeType type, MailItem item, Optional<ObjectNode> before, Optional<ObjectNode> after) {
        changes.publish(new Change.Mail(
                type,
                owner.tenant().id(),
                owner.oid(),
                item.folder.id(),
                item.id,
                item.immutableId,
                type == ChangeType.DELETED ? "" : item.etag(),
                before,
                after,
                clock.instant()));
    }
}
