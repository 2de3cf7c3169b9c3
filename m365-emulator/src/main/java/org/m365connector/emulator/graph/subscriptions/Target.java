package org.m365connector.emulator.graph.subscriptions;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;
import org.m365connector.emulator.graph.change.Change;
import org.m365connector.emulator.graph.change.ChangeType;
import org.m365connector.emulator.graph.protocol.Filter;

/** What a subscription is about. */
sealed interface Target {

    /** Of a change, what this subscription calls it; empty if it is none of its business. */
    Optional<ChangeType> concerns(Change change);

    /** Whether Teams' rules hold: lifecycle URL, one per app and channel. */
    default boolean teams() {
        return false;
    }

    /** Under which name {@code subscription.maxSeconds} knows its longest life. */
    default String life() {
        return teams() ? "teams" : "outlook";
    }

    /** Whether it can be subscribed to with the change type {@code updated} alone. */
    default boolean onlyUpdated() {
        return false;
    }

    /** Whose mailbox it is in. */
    default Optional<String> inMailbox() {
        return Optional.empty();
    }

    /** Mails of one folder, or of all. */
    record Mails(String mailbox, Optional<String> folderId, Optional<String> filterText, Optional<Filter> filter)
            implements Target {

        static Mails of(String mailbox, Optional<String> folderId, Optional<String> filterText) {
            return new Mails(mailbox, folderId, filterText, filterText.map(Filter::parse));
        }

        @Override
        public Optional<ChangeType> concerns(Change change) {
            if (!(change instanceof Change.Mail mail)
                    || !mail.mailbox().equals(mailbox)
                    || folderId.filter(id -> !id.equals(mail.folderId())).isPresent()) {
                return Optional.empty();
            }
            return seenThrough(filter, change);
        }

        @Override
        public Optional<String> inMailbox() {
            return Optional.of(mailbox);
        }

        @Override
        public String toString() {
            return "mails " + mailbox + " " + folderId.orElse("*") + " " + filterText.orElse("");
        }
    }

    /** Messages of one channel, or of all channels of the tenant. */
    record ChannelMessages(
            String tenantId,
            Optional<String> teamId,
            Optional<String> channelId,
            Optional<String> filterText,
            Optional<Filter> filter,
            Optional<String> search)
            implements Target {

        static ChannelMessages of(
                String tenantId,
                Optional<String> teamId,
                Optional<String> channelId,
                Optional<String> filterText,
                Optional<String> search) {
            return new ChannelMessages(tenantId, teamId, channelId, filterText, filterText.map(Filter::parse), search);
        }

        @Override
        public Optional<ChangeType> concerns(Change change) {
            if (!(change instanceof Change.ChannelMessage message)
                    || !message.tenantId().equals(tenantId)
                    || teamId.filter(id -> !id.equals(message.teamId())).isPresent()
                    || channelId.filter(id -> !id.equals(message.channelId())).isPresent()) {
                return Optional.empty();
            }
            if (search.isPresent() && !says(message.after(), search.get()) && !says(message.before(), search.get())) {
                return Optional.empty();
            }
            return seenThrough(filter, change);
        }

        private static boolean says(Optional<ObjectNode> message, String words) {
            return message.isPresent()
                    && message.get()
                            .path("body")
                            .path("content")
                            .asText()
                            .toLowerCase(Locale.ROOT)
                            .contains(words.toLowerCase(Locale.ROOT));
        }

        @Override
        public boolean teams() {
            return true;
        }

        @Override
        public String toString() {
            return "channel " + teamId.orElse("*") + " " + channelId.orElse("*") + " " + filterText.orElse("") + " "
                    + search.orElse("");
        }
    }

    /** Events of one calendar; a series is one. Where no calendar is named it is the standard one, not all of them. */
    record Events(String mailbox, Optional<String> calendar, Optional<String> filterText, Optional<Filter> filter)
            implements Target {

        static Events of(String mailbox, Optional<String> calendar, Optional<String> filterText) {
            return new Events(mailbox, calendar, filterText, filterText.map(Filter::parse));
        }

        @Override
        public Optional<ChangeType> concerns(Change change) {
            return change instanceof Change.Event event
                            && event.mailbox().equals(mailbox)
                            && event.calendar().equals(calendar)
                    ? seenThrough(filter, change)
                    : Optional.empty();
        }

        @Override
        public Optional<String> inMailbox() {
            return Optional.of(mailbox);
        }

        @Override
        public String toString() {
            return "events " + mailbox + " " + calendar.orElse("") + " " + filterText.orElse("");
        }
    }

    /** Whatever happens in a drive; it is never told what. */
    record DriveRoot(String driveId) implements Target {

        @Override
        public Optional<ChangeType> concerns(Change change) {
            return change instanceof Change.DriveItem item && item.driveId().equals(driveId)
                    ? Optional.of(ChangeType.UPDATED)
                    : Optional.empty();
        }

        @Override
        public String life() {
            return "drive";
        }

        @Override
        public boolean onlyUpdated() {
            return true;
        }

        @Override
        public String toString() {
            return "drive " + driveId;
        }
    }

    /** Contacts of one folder. */
    record Contacts(String mailbox, String folderId, Optional<String> filterText, Optional<Filter> filter)
            implements Target {

        static Contacts of(String mailbox, String folderId, Optional<String> filterText) {
            return new Contacts(mailbox, folderId, filterText, filterText.map(Filter::parse));
        }

        @Override
        public Optional<ChangeType> concerns(Change change) {
            return change instanceof Change.Contact contact
                            && contact.mailbox().equals(mailbox)
                            && contact.folderId().equals(folderId)
                    ? seenThrough(filter, change)
                    : Optional.empty();
        }

        @Override
        public Optional<String> inMailbox() {
            return Optional.of(mailbox);
        }

        @Override
        public String toString() {
            return "contacts " + mailbox + " " + folderId + " " + filterText.orElse("");
        }
    }

    /** Channels of a team that come, change and go. */
    record Channels(String tenantId, String teamId) implements Target {

        @Override
        public Optional<ChangeType> concerns(Change change) {
            return change instanceof Change.Channel channel
                            && channel.tenantId().equals(tenantId)
                            && channel.teamId().equals(teamId)
                    ? Optional.of(change.type())
                    : Optional.empty();
        }

        @Override
        public boolean teams() {
            return true;
        }

        @Override
        public String toString() {
            return "channels of " + teamId;
        }
    }

    /**
     * Messages of one chat, or of all chats of a person, or of all of the tenant.
     *
     * @param member object id of the person
     */
    record ChatMessages(
            String tenantId,
            Optional<String> chatId,
            Optional<String> member,
            Optional<String> filterText,
            Optional<Filter> filter)
            implements Target {

        static ChatMessages of(
                String tenantId, Optional<String> chatId, Optional<String> member, Optional<String> filterText) {
            return new ChatMessages(tenantId, chatId, member, filterText, filterText.map(Filter::parse));
        }

        @Override
        public Optional<ChangeType> concerns(Change change) {
            if (!(change instanceof Change.ChatMessage message)
                    || !message.tenantId().equals(tenantId)
                    || chatId.filter(id -> !id.equals(message.chatId())).isPresent()
                    || member.filter(oid -> !message.members().contains(oid)).isPresent()) {
                return Optional.empty();
            }
            return seenThrough(filter, change);
        }

        @Override
        public boolean teams() {
            return true;
        }

        @Override
        public String toString() {
            return "chats " + chatId.orElse("*") + " " + member.orElse("*") + " " + filterText.orElse("");
        }
    }

    /** What enters the filtered set is created, what leaves it deleted. */
    private static Optional<ChangeType> seenThrough(Optional<Filter> filter, Change change) {
        if (filter.isEmpty()) {
            return Optional.of(change.type());
        }
        boolean before = change.before().filter(filter.get()::matches).isPresent();
        boolean after = change.type() != ChangeType.DELETED
                && change.after().filter(filter.get()::matches).isPresent();
        if (before && after) {
            return Optional.of(ChangeType.UPDATED);
        }
        if (after) {
            return Optional.of(ChangeType.CREATED);
        }
        return before ? Optional.of(ChangeType.DELETED) : Optional.empty();
    }
}
