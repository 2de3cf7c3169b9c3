package org.m365connector.emulator.graph.drives;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.change.Change;
import org.m365connector.emulator.graph.change.ChangeType;
import org.m365connector.emulator.graph.change.Changes;
import org.m365connector.emulator.graph.protocol.Json;

/**
 * Somebody's drive. What changes below a folder changes the folder's {@code cTag}, size and time, not its {@code eTag}; a move
 * changes the {@code eTag} and no time. A folder that is deleted takes along what is in it.
 */
final class Drive {

    /** What to do about a name that is taken ({@code @microsoft.graph.conflictBehavior}). */
    enum Conflict {
        FAIL,
        REPLACE,
        RENAME
    }

    /** Where a file is to be stored. */
    record Place(DriveItem folder, String name) {}

    /** @param isNew false where another text was written into a file that was there */
    record Stored(DriveItem item, boolean isNew) {}

    /** What is gone, for the delta. */
    record Departure(String id, String parentId, long cameAt, long leftAt) {}

    private final UserAccount owner;
    private final String id;
    private final DriveView view;
    private final Clock clock;
    private final Changes changes;
    private final Map<String, DriveItem> items = new LinkedHashMap<>();
    private final List<Departure> departures = new ArrayList<>();
    private final DriveItem root;
    private long position;

    Drive(UserAccount owner, Clock clock, Changes changes) {
        this.owner = owner;
        this.clock = clock;
        this.changes = changes;
        this.id = DriveIds.of(owner);
        this.view = new DriveView(owner, id);
        ObjectNode entity = entity("root");
        entity.putObject("root");
        root = new DriveItem(DriveIds.ofNewItem(), entity, Optional.empty(), Optional.empty(), ++position);
        items.put(root.id, root);
    }

    String id() {
        return id;
    }

    DriveItem root() {
        return root;
    }

    long position() {
        return position;
    }

    List<DriveItem> items() {
        return new ArrayList<>(items.values());
    }

    List<Departure> departures() {
        return departures;
    }

    ObjectNode shown() {
        return view.drive();
    }

    /** The item as its own call shows it. */
    ObjectNode shown(DriveItem item) {
        return view.item(item);
    }

    /** {@code root} is one too. */
    Optional<DriveItem> find(String itemId) {
        return itemId.equalsIgnoreCase("root") ? Optional.of(root) : Optional.ofNullable(items.get(itemId));
    }

    /** @param address see {@link DriveAddress} */
    DriveItem item(String address) {
        DriveAddress wanted = DriveAddress.of(address);
        Optional<DriveItem> found = find(wanted.from());
        for (String name : wanted.names()) {
            found = found.flatMap(folder -> folder.child(name));
        }
        return found.orElseThrow(DriveErrors::itemNotFound);
    }

    /**
     * Where a file at this address belongs. Folders on the way are made, as OneDrive does.
     *
     * @param name instead of the last one of the address; needed where this is a folder's
     */
    Place place(String address, Optional<String> name) {
        DriveAddress wanted = DriveAddress.of(address);
        DriveItem folder = find(wanted.from()).orElseThrow(DriveErrors::itemNotFound);
        if (wanted.names().isEmpty()) {
            return folder.isFolder()
                    ? new Place(folder, checked(name.orElseThrow(DriveErrors::nameMissing)))
                    : new Place(folder.parent().orElseThrow(), checked(name.orElse(folder.name())));
        }
        for (String next : wanted.onTheWay()) {
            DriveItem here = folder;
            folder = here.child(next).orElseGet(() -> add(here, next, Optional.empty()));
        }
        requireFolder(folder);
        return new Place(folder, checked(name.orElse(wanted.last())));
    }

    Stored store(Place place, Conflict conflict, Content content) {
        if (!items.containsKey(place.folder().id)) {
            throw DriveErrors.itemNotFound();
        }
        Optional<DriveItem> taken = place.folder().child(place.name());
        if (taken.isPresent() && conflict == Conflict.REPLACE) {
            write(taken.get(), content);
            return new Stored(taken.get(), false);
        }
        String name = conflict == Conflict.RENAME ? freeName(place) : place.name();
        return new Stored(add(place.folder(), name, Optional.of(content)), true);
    }

    /** {@code Plan 1.txt} beside {@code Plan.txt}. */
    private static String freeName(Place place) {
        int dot = place.name().lastIndexOf('.');
        String stem = dot <= 0 ? place.name() : place.name().substring(0, dot);
        String extension = dot <= 0 ? "" : place.name().substring(dot);
        String name = place.name();
        for (int n = 1; place.folder().child(name).isPresent(); n++) {
            name = stem + " " + n + extension;
        }
        return name;
    }

    /** @param content of a file; empty for a folder */
    DriveItem add(DriveItem folder, String name, Optional<Content> content) {
        checkPlace(folder, name, Optional.empty());
        DriveItem item = new DriveItem(DriveIds.ofNewItem(), entity(name), Optional.of(folder), content, ++position);
        items.put(item.id, item);
        touchAbove(item);
        publish(ChangeType.CREATED, item, Optional.empty());
        return item;
    }

    /** Another text in a file. */
    void write(DriveItem file, Content content) {
        if (file.isFolder()) {
            throw DriveErrors.noContent();
        }
        ObjectNode before = shown(file);
        file.write(content);
        file.entity.put("lastModifiedDateTime", now());
        changed(file, before);
    }

    void rename(DriveItem item, String name) {
        checkPlace(item.parent().orElseThrow(DriveErrors::notTheRoot), name, Optional.of(item));
        ObjectNode before = shown(item);
        item.rename(name);
        item.entity.put("lastModifiedDateTime", now());
        changed(item, before);
    }

    void move(DriveItem item, DriveItem folder) {
        checkPlace(folder, item.name(), Optional.of(item));
        if (item == root || folder == item || folder.isBelow(item)) {
            throw DriveErrors.invalid("A folder cannot be moved into itself.");
        }
        ObjectNode before = shown(item);
        position++;
        touchAbove(item);
        item.moveTo(folder);
        changed(item, before);
    }

    /** To the recycle bin, with all that is in it. */
    void remove(DriveItem item) {
        if (item == root) {
            throw DriveErrors.notTheRoot();
        }
        position++;
        item.leave();
        for (DriveItem gone : items()) {
            if (gone == item || gone.isBelow(item)) {
                ObjectNode before = shown(gone);
                items.remove(gone.id);
                departures.add(new Departure(gone.id, gone.parent().orElseThrow().id, gone.cameAt, position));
                publish(ChangeType.DELETED, gone, Optional.of(before));
            }
        }
        touchAbove(item);
    }

    private void changed(DriveItem item, ObjectNode before) {
        item.touched();
        item.changedAt = ++position;
        touchAbove(item);
        publish(ChangeType.UPDATED, item, Optional.of(before));
    }

    /** What is above shows up in the delta too, with the version that it had. */
    private void touchAbove(DriveItem item) {
        for (Optional<DriveItem> above = item.parent();
                above.isPresent();
                above = above.get().parent()) {
            above.get().contentTouched();
            above.get().entity.put("lastModifiedDateTime", now());
            above.get().changedAt = position;
        }
    }

    private static void checkPlace(DriveItem folder, String name, Optional<DriveItem> itself) {
        requireFolder(folder);
        boolean taken = folder.child(checked(name))
                .filter(child -> !itself.equals(Optional.of(child)))
                .isPresent();
        if (taken) {
            throw DriveErrors.nameTaken();
        }
    }

    private static void requireFolder(DriveItem item) {
        if (!item.isFolder()) {
            throw DriveErrors.invalid("The parent is no folder.");
        }
    }

    private static String checked(String name) {
        if (name.isBlank() || name.matches(".*[\\\\/:*?\"<>|].*") || name.equals(".") || name.equals("..")) {
            throw DriveErrors.invalid("The provided name cannot contain reserved characters.");
        }
        return name;
    }

    private ObjectNode entity(String name) {
        String now = now();
        return Json.object().put("name", name).put("createdDateTime", now).put("lastModifiedDateTime", now);
    }

    private String now() {
        return Json.seconds(clock.instant());
    }

    private void publish(ChangeType type, DriveItem item, Optional<ObjectNode> before) {
        boolean gone = type == ChangeType.DELETED;
        changes.publish(new Change.DriveItem(
                type,
                owner.tenant().id(),
                id,
                item.id,
                gone ? "" : item.etag(),
                before,
                gone ? Optional.empty() : Optional.of(shown(item)),
                clock.instant()));
    }
}
