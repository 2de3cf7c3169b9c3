package org.m365connector.emulator.graph.mail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.switches.Later;
import org.m365connector.emulator.graph.switches.Switches;

/** Sends mails: the draft goes to Sent Items, a copy comes to the inbox of everybody in reach. Addresses elsewhere swallow it. */
final class PostOffice {

    private static final List<String> RECIPIENTS = List.of("toRecipients", "ccRecipients", "bccRecipients");

    private final Mailboxes mailboxes;
    private final Switches switches;
    private final Later later;
    private final Clock clock;

    PostOffice(Mailboxes mailboxes, Switches switches, Later later, Clock clock) {
        this.mailboxes = mailboxes;
        this.switches = switches;
        this.later = later;
        this.clock = clock;
    }

    /** Takes a draft; it leaves a little later, once. */
    void send(Mailbox from, MailItem draft) {
        if (!draft.isDraft() || draft.leaving) {
            throw GraphError.of(400, "ErrorInvalidOperation", "The item has already been handed over for sending.");
        }
        check(from, draft.entity);
        draft.leaving = true;
        after(() -> {
            from.move(draft, from.folder("sentitems"), this::sent);
            draft.leaving = false;
            deliver(draft.entity);
        });
    }

    /** Sends what never was a draft. */
    void send(Mailbox from, ObjectNode mail, boolean saveToSentItems) {
        check(from, mail);
        after(() -> {
            sent(mail);
            if (saveToSentItems) {
                from.add(mail.deepCopy(), from.folder("sentitems"));
            }
            deliver(mail);
        });
    }

    private void after(Runnable departure) {
        Duration delay = switches.millis("mail.sendDelayMillis");
        later.run(delay, departure);
    }

    private static void check(Mailbox from, ObjectNode mail) {
        Set<String> addresses = addresses(mail);
        if (addresses.isEmpty() || addresses.stream().anyMatch(address -> !address.matches("[^@\\s]+@[^@\\s]+"))) {
            throw GraphError.of(400, "ErrorInvalidRecipients", "At least one recipient is not valid.");
        }
        for (String role : List.of("from", "sender")) {
            String address =
                    mail.path(role).path("emailAddress").path("address").asText();
            if (!address.equalsIgnoreCase(from.owner().upn())) {
                throw GraphError.of(
                        403,
                        "ErrorSendAsDenied",
                        "The user account which was used to submit this request does not have the right to send mail on"
                                + " behalf of the specified sending account.");
            }
        }
    }

    private void sent(ObjectNode mail) {
        String now = Json.seconds(clock.instant());
        mail.put("isDraft", false).put("isRead", true).put("sentDateTime", now).put("receivedDateTime", now);
    }

    private void deliver(ObjectNode mail) {
        for (String address : addresses(mail)) {
            mailboxes.byAddress(address).filter(UserAccount::hasMailbox).ifPresent(recipient -> {
                Mailbox mailbox = mailboxes.of(recipient);
                ObjectNode copy = mail.deepCopy();
                copy.remove(List.of(MailMessages.EXTENDED, "bccRecipients"));
                copy.putArray("bccRecipients");
                String now = Json.seconds(clock.instant());
                copy.put("isRead", false)
                        .put("receivedDateTime", now)
                        .put("createdDateTime", now)
                        .put("lastModifiedDateTime", now);
                mailbox.add(copy, mailbox.folder("inbox"));
            });
        }
    }

    private static Set<String> addresses(ObjectNode mail) {
        Set<String> addresses = new LinkedHashSet<>();
        for (String list : RECIPIENTS) {
            for (JsonNode recipient : mail.path(list)) {
                addresses.add(recipient.path("emailAddress").path("address").asText(""));
            }
        }
        return addresses;
    }
}
