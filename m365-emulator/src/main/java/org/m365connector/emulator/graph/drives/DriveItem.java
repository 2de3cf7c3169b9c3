package org.m365connector.emulator.graph.drives;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A file or a folder. {@code entity} holds what Graph shows of it but for what depends on where it is and what is in it. Names
 * are as they were given, and found in any case.
 */
final class DriveItem {

    final String id;
    final ObjectNode entity;
    /** Position in the drive's history at which it came. */
    final long cameAt;
    /** Position of its last change, or of one below it. */
    long changedAt;

    private final Map<String, DriveItem> children = new TreeMap<>();
    private Optional<DriveItem> parent;
    private Optional<Content> content;
    private int version = 1;
    private int contentVersion = 1;

    /**
     * @param parent empty for the root
     * @param content of a file; empty for a folder
     */
    DriveItem(String id, ObjectNode entity, Optional<DriveItem> parent, Optional<Content> content, long cameAt) {
        this.id = id;
        this.entity = entity;
        this.parent = parent;
        this.content = content;
        this.cameAt = cameAt;
        this.changedAt = cameAt;
        content.ifPresentOrElse(given -> given.describe(entity), () -> entity.putObject("folder"));
        join();
    }

    boolean isFolder() {
        return content.isEmpty();
    }

    String name() {
        return entity.path("name").asText();
    }

    /** Empty for the root. */
    Optional<DriveItem> parent() {
        return parent;
    }

    Optional<DriveItem> child(String named) {
        return Optional.ofNullable(children.get(key(named)));
    }

    /** By name. */
    List<DriveItem> children() {
        return new ArrayList<>(children.values());
    }

    /** Empty for a folder. */
    Optional<Content> content() {
        return content;
    }

    /** Of a file; of a folder that of all files below it. */
    long size() {
        return content.map(given -> (long) given.size())
                .orElseGet(() ->
                        children.values().stream().mapToLong(DriveItem::size).sum());
    }

    void write(Content other) {
        content = Optional.of(other);
        other.describe(entity);
        contentTouched();
    }

    void rename(String name) {
        leave();
        entity.put("name", name);
        join();
    }

    void moveTo(DriveItem folder) {
        leave();
        parent = Optional.of(folder);
        join();
    }

    /** Its folder has it no longer. Where it was is still known. */
    void leave() {
        parent.ifPresent(folder -> folder.children.remove(key(name())));
    }

    private void join() {
        parent.ifPresent(folder -> folder.children.put(key(name()), this));
    }

    /** It is another version of itself. */
    void touched() {
        version++;
    }

    /** There is something else in it; of a folder, below it. */
    void contentTouched() {
        contentVersion++;
    }

    /** Says nothing of what is below a folder. */
    String etag() {
        return "\"{" + id + "}," + version + "\"";
    }

    String ctag() {
        return "\"c:{" + id + "}," + contentVersion + "\"";
    }

    boolean isBelow(DriveItem folder) {
        return parent.filter(above -> above == folder || above.isBelow(folder)).isPresent();
    }

    /** From the root on, {@code /Reports/2026}; empty for the root. */
    String path() {
        return parent.map(above -> above.path() + "/" + name()).orElse("");
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
