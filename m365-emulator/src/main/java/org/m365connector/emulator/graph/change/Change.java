package org.m365connector.emulator.graph.change;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One version of one thing: it came, changed or went. */
public sealed interface Change {

    ChangeType type();

    /** The list that it is in, as the truth calls it: {@code users/{oid}/mailFolders/{id}/messages}. */
    String container();

    String id();

    /** Empty when it went for good. */
    String etag();

    /** The id that stays when it moves, where there are two. */
    default Optional<String> otherId() {
        return Optional.empty();
    }

    /** What it answers. */
    default Optional<String> answerTo() {
        return Optional.empty();
    }

    /** Of a series: each of its occurrences, with what there is to see of it. */
    default List<ObjectNode> occurrences() {
        return List.of();
    }

    Instant at();

    /** The entity before; empty when it came. */
    Optional<ObjectNode> before();

    /** The entity now; empty when it went. */
    Optional<ObjectNode> after();

    /**
     * A mail in one folder. A move is a deletion in the one and a creation in the other.
     *
     * @param id the id that changes with every move
     * @param immutableId the id that does not
     * @param etag empty when it went
     */
    record Mail(
            ChangeType type,
            String tenantId,
            String mailbox,
            String folderId,
            String id,
            String immutableId,
            String etag,
            Optional<ObjectNode> before,
            Optional<ObjectNode> after,
            Instant at)
            implements Change {

        public static String container(String mailbox, String folderId) {
            return "users/" + mailbox + "/mailFolders/" + folderId + "/messages";
        }

        @Override
        public String container() {
            return container(mailbox, folderId);
        }

        @Override
        public Optional<String> otherId() {
            return Optional.of(immutableId);
        }
    }

    /**
     * A message of a channel.
     *
     * @param replyToId the message it answers, if any
     */
    record ChannelMessage(
            ChangeType type,
            String tenantId,
            String teamId,
            String channelId,
            String id,
            Optional<String> replyToId,
            String etag,
            Optional<ObjectNode> before,
            Optional<ObjectNode> after,
            Instant at)
            implements Change {

        public static String container(String teamId, String channelId) {
            return "teams/" + teamId + "/channels/" + channelId + "/messages";
        }

        @Override
        public String container() {
            return container(teamId, channelId);
        }

        @Override
        public Optional<String> answerTo() {
            return replyToId;
        }
    }

    /**
     * An event of a calendar, or a whole series.
     *
     * @param calendar empty for the standard one
     */
    record Event(
            ChangeType type,
            String tenantId,
            String mailbox,
            Optional<String> calendar,
            String id,
            String etag,
            Optional<ObjectNode> before,
            Optional<ObjectNode> after,
            List<ObjectNode> occurrences,
            Instant at)
            implements Change {

        public static String container(String mailbox, Optional<String> calendar) {
            return "users/" + mailbox + calendar.map(id -> "/calendars/" + id).orElse("") + "/events";
        }

        @Override
        public String container() {
            return container(mailbox, calendar);
        }
    }

    /** A file or a folder of a drive. */
    record DriveItem(
            ChangeType type,
            String tenantId,
            String driveId,
            String id,
            String etag,
            Optional<ObjectNode> before,
            Optional<ObjectNode> after,
            Instant at)
            implements Change {

        public static String container(String driveId) {
            return "drives/" + driveId + "/items";
        }

        @Override
        public String container() {
            return container(driveId);
        }
    }

    /** A contact in one folder. A move is a deletion in the one and a creation in the other. */
    record Contact(
            ChangeType type,
            String tenantId,
            String mailbox,
            String folderId,
            String id,
            String immutableId,
            String etag,
            Optional<ObjectNode> before,
            Optional<ObjectNode> after,
            Instant at)
            implements Change {

        public static String container(String mailbox, String folderId) {
            return "users/" + mailbox + "/contactFolders/" + folderId + "/contacts";
        }

        @Override
        public String container() {
            return container(mailbox, folderId);
        }

        @Override
        public Optional<String> otherId() {
            return Optional.of(immutableId);
        }
    }

    /** A channel of a team; it has no etag. */
    record Channel(ChangeType type, String tenantId, String teamId, String id, Optional<ObjectNode> after, Instant at)
            implements Change {

        public static String container(String teamId) {
            return "teams/" + teamId + "/channels";
        }

        @Override
        public String container() {
            return container(teamId);
        }

        @Override
        public String etag() {
            return "";
        }

        @Override
        public Optional<ObjectNode> before() {
            return Optional.empty();
        }
    }

    /**
     * A message of a chat.
     *
     * @param members object ids of those who are in the chat
     */
    record ChatMessage(
            ChangeType type,
            String tenantId,
            String chatId,
            Set<String> members,
            String id,
            String etag,
            Optional<ObjectNode> before,
            Optional<ObjectNode> after,
            Instant at)
            implements Change {

        public static String container(String chatId) {
            return "chats/" + chatId + "/messages";
        }

        @Override
        public String container() {
            return container(chatId);
        }
    }
}
