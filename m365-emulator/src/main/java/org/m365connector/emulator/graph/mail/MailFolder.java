package org.m365connector.emulator.graph.mail;

import java.util.Optional;

/** A folder of a mailbox. Its id stays, whatever kind of ids a client prefers, and wherever it moves. */
final class MailFolder {

    private final String id;
    private final Optional<String> wellKnownName;
    private final boolean hidden;
    private String displayName;
    private Optional<String> parentId;
    /** Position in the mailbox's history at which it came. */
    long cameAt;
    /** Position of its last change; what is in it does not change it. */
    long changedAt;

    MailFolder(
            String id, String displayName, Optional<String> wellKnownName, Optional<String> parentId, boolean hidden) {
        this.id = id;
        this.displayName = displayName;
        this.wellKnownName = wellKnownName;
        this.parentId = parentId;
        this.hidden = hidden;
    }

    String id() {
        return id;
    }

    String displayName() {
        return displayName;
    }

    Optional<String> wellKnownName() {
        return wellKnownName;
    }

    Optional<String> parentId() {
        return parentId;
    }

    boolean hidden() {
        return hidden;
    }

    boolean is(String wellKnown) {
        return wellKnownName.filter(wellKnown::equals).isPresent();
    }

    void rename(String name) {
        displayName = name;
    }

    void moveInto(MailFolder parent) {
        parentId = Optional.of(parent.id);
    }
}
