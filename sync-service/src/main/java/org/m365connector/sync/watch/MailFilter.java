package org.m365connector.sync.watch;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Which mails a watch wants to hear of; all that is given must hold. Addresses are compared without regard to case.
 *
 * @param from the sender's address, or {@code @} and a domain
 * @param to one of the recipients' addresses, or {@code @} and a domain
 * @param subject words that the subject contains, without regard to case
 * @param attachments whether there are any
 * @param unread whether nobody has read it
 */
public record MailFilter(
        Optional<String> from,
        Optional<String> to,
        Optional<String> subject,
        Optional<Boolean> attachments,
        Optional<Boolean> unread) {
    private static final Set<String> MEMBERS = Set.of("from", "to", "subject", "attachments", "unread");

    /** @throws IllegalArgumentException with words for whoever asked where it is none: a misspelt member would let too much through */
    static MailFilter of(JsonNode given) {
        if (!given.isObject()) {
            throw new IllegalArgumentException("filter is no object");
        }
        for (Iterator<String> names = given.fieldNames(); names.hasNext(); ) {
            if (!MEMBERS.contains(names.next())) {
                throw new IllegalArgumentException(
                        "filter has a member that is none of from, to, subject, attachments, unread");
            }
        }
        return new MailFilter(
                text(given, "from"),
                text(given, "to"),
                text(given, "subject"),
                flag(given, "attachments"),
                flag(given, "unread"));
    }

    /** @param mail as changes tell of it */
    boolean matches(JsonNode mail) {
        Stream<String> recipients =
                StreamSupport.stream(mail.path("to").spliterator(), false).map(JsonNode::asText);
        return from.map(wanted -> isOf(mail.path("from").asText(), wanted)).orElse(true)
                && to.map(wanted -> recipients.anyMatch(address -> isOf(address, wanted)))
                        .orElse(true)
                && subject.map(words -> lower(mail.path("subject").asText()).contains(lower(words)))
                        .orElse(true)
                && attachments
                        .map(wanted -> wanted.equals(flagOf(mail, "hasAttachments")))
                        .orElse(true)
                && unread.map(wanted -> !wanted.equals(flagOf(mail, "isRead")) && mail.has("isRead"))
                        .orElse(true);
    }

    private static boolean isOf(String address, String wanted) {
        return wanted.startsWith("@") ? lower(address).endsWith(lower(wanted)) : address.equalsIgnoreCase(wanted);
    }

    private static Boolean flagOf(JsonNode mail, String name) {
        return mail.path(name).asBoolean();
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    private static Optional<String> text(JsonNode given, String name) {
        JsonNode value = given.path(name);
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        if (!value.isTextual() || value.textValue().isBlank()) {
            throw new IllegalArgumentException("filter." + name + " is no text");
        }
        return Optional.of(value.textValue().strip());
    }

    private static Optional<Boolean> flag(JsonNode given, String name) {
        JsonNode value = given.path(name);
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        if (!value.isBoolean()) {
            throw new IllegalArgumentException("filter." + name + " is neither true nor false");
        }
        return Optional.of(value.booleanValue());
    }
}
