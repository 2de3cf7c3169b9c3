package org.m365connector.events;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * Something was created, updated or deleted in a container under a watch. The event's id is a hash of portal, container,
 * resource id, generation and etag (or {@code deleted}), so that every path that finds the same state makes the same event.
 *
 * @param container path of the container below Graph's version, {@code users/<id>/mailFolders/<id>}
 * @param resource Graph's own JSON of the resource, only {@code id} (and {@code etag}) where it was deleted
 * @param changed members that differ from the state seen before, where that is known
 * @param causedBy id of our action that made it; its creation is told only to watches that include their own
 */
public record Change(
        String watch, String container, JsonNode resource, Optional<List<String>> changed, Optional<String> causedBy) {

    public Change {
        changed = changed == null ? Optional.empty() : changed;
        causedBy = causedBy == null ? Optional.empty() : causedBy;
    }

    /** What happened. */
    public enum Kind {
        CREATED("created"),
        UPDATED("updated"),
        DELETED("deleted");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        /** Type of the event: {@code mail-created.v1} for the subject {@code mail}. */
        public String type(String subject) {
            return subject + "-" + word + ".v1";
        }
    }

    /** Word for a mail in the type. */
    public static final String MAIL = "mail";

    /** Word for a folder of a watched mailbox in the type. */
    public static final String MAIL_FOLDER = "mail-folder";

    /** Word for a contact in the type. */
    public static final String CONTACT = "contact";

    /** Word for a file or a folder of a drive in the type. */
    public static final String DRIVE_ITEM = "drive-item";

    /** Word for a message in a channel in the type. */
    public static final String CHANNEL_MESSAGE = "channel-message";

    /** Word for an event of a calendar, a series or an occurrence of one in the type. */
    public static final String EVENT = "event";

    /** Word for a channel of a team in the type. */
    public static final String CHANNEL = "channel";

    /** Word for a chat of somebody's in the type: he has come into it, or left it. */
    public static final String CHAT = "chat";

    /** Word for a message in a chat in the type. */
    public static final String CHAT_MESSAGE = "chat-message";
}
