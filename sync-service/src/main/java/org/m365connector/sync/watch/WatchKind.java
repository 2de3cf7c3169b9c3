package org.m365connector.sync.watch;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Kinds of containers. Portals watch them, or, where one has many parts, all of these through it. */
public enum WatchKind {
    MAIL_FOLDER("mail-folder", "mail-read", Way.DELTA, "/messages", Optional.of("/messages"), false),
    /** All folders of a mailbox; its parts are the mails in each. */
    MAILBOX("mailbox", "mail-read", Way.LIST, "", Optional.of(""), false),
    /** Contacts of one folder. */
    CONTACTS("contacts", "contacts", Way.DELTA, "", Optional.of(""), false),
    /** Files and folders of a drive. */
    DRIVE("drive", "files", Way.DELTA, "/items", Optional.of("/root"), false),
    CHANNEL("channel", "teams-read", Way.DELTA, "/messages", Optional.of("/messages"), true),
    /** Somebody's calendar, as far as a window around now reaches. */
    CALENDAR("calendar", "calendar", Way.VIEW, "", Optional.of(""), false),
    /** All channels of a team; its parts are what is posted in them. */
    TEAM("team", "teams-read", Way.LIST, "", Optional.of(""), true),
    /** All chats of a user; its parts are what he hears of. */
    CHATS("chats", "chats-read", Way.LIST, "", Optional.of("/getAllMessages"), true),
    /** One chat; Graph tells of it through the subscription on all chats of a user. */
    CHAT("chat", "chats-read", Way.TIMES, "/messages", Optional.empty(), true);

    /** How Graph shows what is in a container. */
    public enum Way {
        /** A full scan, then what has changed since. */
        DELTA,
        /** All of it each time: what is not shown may be gone, and is asked for. */
        LIST,
        /** By the time of the last change, as far back as is asked for: what is not shown is just older. */
        TIMES,
        /** A delta of a window that moves on: what is not shown may just be outside, and is asked for. */
        VIEW
    }

    private final String word;
    private final String feature;
    private final Way way;
    private final String items;
    private final Optional<String> subscribed;
    private final boolean teams;

    WatchKind(String word, String feature, Way way, String items, Optional<String> subscribed, boolean teams) {
        this.word = word;
        this.feature = feature;
        this.way = way;
        this.items = items;
        this.subscribed = subscribed;
        this.teams = teams;
    }

    /** @throws IllegalArgumentException where there is no such kind */
    public static WatchKind of(String word) {
        return Arrays.stream(values())
                .filter(kind -> kind.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no kind " + word));
    }

    /**
     * One that portals may name.
     *
     * @throws IllegalArgumentException where there is no such kind
     */
    @JsonCreator
    static WatchKind wanted(String word) {
        List<WatchKind> wanted =
                Arrays.stream(values()).filter(kind -> kind != CHAT).toList();
        return wanted.stream()
                .filter(kind -> kind.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("kind is none of "
                        + wanted.stream().map(WatchKind::word).collect(Collectors.joining(", "))));
    }

    @JsonValue
    public String word() {
        return word;
    }

    /** Whether the readers of this kind can read a resource from a notification. */
    public boolean hasRichNotifications() {
        return this == MAIL_FOLDER || this == CHANNEL;
    }

    /** Whether the readers of this kind, or of its parts, can tell what people wrote. */
    public boolean hasContent() {
        return switch (this) {
            case MAIL_FOLDER, MAILBOX, CHANNEL, TEAM, CHATS, CHAT -> true;
            case CONTACTS, DRIVE, CALENDAR -> false;
        };
    }

    /** The feature that a portal must be entitled to. */
    public String feature() {
        return feature;
    }

    public Way way() {
        return way;
    }

    /** Whether what is shown for the first time may be old, long after the first round. */
    public boolean showsOldAnyTime() {
        return way == Way.TIMES || way == Way.VIEW;
    }

    /** Whether it is of Microsoft Teams, which does not want to be asked often. */
    public boolean teams() {
        return teams;
    }

    /** What the things in it are, where each is a container itself. */
    public Optional<WatchKind> part() {
        return switch (this) {
            case CHATS -> Optional.of(CHAT);
            case TEAM -> Optional.of(CHANNEL);
            case MAILBOX -> Optional.of(MAIL_FOLDER);
            case MAIL_FOLDER, CONTACTS, DRIVE, CALENDAR, CHANNEL, CHAT -> Optional.empty();
        };
    }

    /** Whether the one subscription on it tells of all that happens in its parts, so that these need none. */
    public boolean tellsOfParts() {
        return this == CHATS || this == MAILBOX;
    }

    /** Words of the kinds whose parts need no subscription. */
    public static List<String> tellingOfParts() {
        return Arrays.stream(values())
                .filter(WatchKind::tellsOfParts)
                .map(WatchKind::word)
                .toList();
    }

    /** Whether Graph's notifications name what has changed in it, and that can be asked for by its id. */
    public boolean namesItems() {
        return switch (this) {
            case MAIL_FOLDER, CONTACTS, CALENDAR, CHANNEL, CHAT -> true;
            case MAILBOX, DRIVE, TEAM, CHATS -> false;
        };
    }

    /** Whether they name what has changed in one of its parts, and not in which. */
    public boolean namesItemsOfParts() {
        return this == MAILBOX;
    }

    /** Words of the kinds that notifications name things of. */
    public static List<String> namingItems() {
        return Arrays.stream(values())
                .filter(kind -> kind.namesItems() || kind.namesItemsOfParts())
                .map(WatchKind::word)
                .toList();
    }

    /** Whether what is in it are mails, which a filter may choose from. */
    public boolean hasMails() {
        return this == MAIL_FOLDER || this == MAILBOX;
    }

    /** Whether a notification that has not come within minutes is lost; those of drives may take six hours. */
    public boolean isToldPromptly() {
        return this != DRIVE;
    }

    /** What Graph tells of: of a drive only that something has happened. */
    public String changeTypes() {
        return this == DRIVE ? "updated" : "created,updated,deleted";
    }

    /** What the paths of all things in a container begin with, up to the last slash. */
    public String items(String containerPath) {
        return containerPath + items + "/";
    }

    /** What is subscribed to for such a container; empty where another one's subscription tells of it. */
    public Optional<String> subscribed(String containerPath) {
        // Mails of all folders are subscribed to beside the folders, not below them.
        return this == MAILBOX
                ? Optional.of(containerPath.substring(0, containerPath.lastIndexOf('/')) + "/messages")
                : subscribed.map(below -> containerPath + below);
    }

    /** Words of the kinds that need no subscription of their own. */
    public static List<String> told() {
        return Arrays.stream(values())
                .filter(kind -> kind.subscribed.isEmpty())
                .map(WatchKind::word)
                .toList();
    }

    public static List<String> ofTeams() {
        return Arrays.stream(values())
                .filter(WatchKind::teams)
                .map(WatchKind::word)
                .toList();
    }
}
