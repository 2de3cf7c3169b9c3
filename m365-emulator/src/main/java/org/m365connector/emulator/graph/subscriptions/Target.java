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
    boolean teams();

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
        public boolean teams() {
            return false;
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
