package org.m365connector.events;

import java.util.List;
import java.util.Optional;

/**
 * Data of the action {@code mail.send.v1}.
 *
 * @param mailbox user principal name or id of the mailbox it is sent from; needed where the service account acts, which has none
 *     of its own
 */
public record MailSend(Optional<String> mailbox, Message message) {

    public static final String TYPE = "mail.send.v1";

    public MailSend {
        mailbox = mailbox == null ? Optional.empty() : mailbox;
        if (message == null) {
            throw new IllegalArgumentException("message is missing");
        }
    }

    /** The mail; recipients are SMTP addresses. */
    public record Message(
            String subject,
            Body body,
            List<String> toRecipients,
            List<String> ccRecipients,
            List<String> bccRecipients) {

        public Message {
            subject = subject == null ? "" : subject;
            if (body == null) {
                throw new IllegalArgumentException("message.body is missing");
            }
            toRecipients = toRecipients == null ? List.of() : List.copyOf(toRecipients);
            ccRecipients = ccRecipients == null ? List.of() : List.copyOf(ccRecipients);
            bccRecipients = bccRecipients == null ? List.of() : List.copyOf(bccRecipients);
            if (toRecipients.isEmpty() && ccRecipients.isEmpty() && bccRecipients.isEmpty()) {
                throw new IllegalArgumentException("message has no recipient");
            }
        }

        @Override
        public String toString() {
            return "Message[recipients=" + (toRecipients.size() + ccRecipients.size() + bccRecipients.size()) + ", "
                    + body + "]";
        }
    }
}
