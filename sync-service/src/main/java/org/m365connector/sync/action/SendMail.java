package org.m365connector.sync.action;

import com.microsoft.graph.models.EmailAddress;
import com.microsoft.graph.models.Message;
import com.microsoft.graph.models.Recipient;
import com.microsoft.graph.models.SingleValueLegacyExtendedProperty;
import com.microsoft.graph.users.item.UserItemRequestBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.events.AccountId;
import org.m365connector.events.LoginMode;
import org.m365connector.events.MailSend;
import org.m365connector.problem.ProblemException;
import org.m365connector.sync.SyncProblem;
import org.m365connector.sync.graph.GraphAccess;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.graph.GraphFailure;

/**
 * Sends a mail: first a draft that carries the action's name as an extended property, then {@code send} of that draft. After
 * any doubt the mail is looked for by that property in all folders: one draft can be sent only once, so whatever breaks off
 * where, the mail leaves at most once.
 */
record SendMail(MailSend data) implements Command {
    /** Name of the extended property in our own set of properties; its value is {@code <portal>/<action id>}. */
    static final String PROPERTY = "String {6d33f8f1-2c4f-4a52-9d0e-8f1f6a7b3c65} Name m365-action";

    private static final Logger LOG = Logger.getLogger(SendMail.class);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);
    private static final String[] MEMBERS = {"id", "isDraft", "internetMessageId", "webLink", "createdDateTime"};

    @Override
    public String feature() {
        return "mail-send";
    }

    @Override
    public Conclusion run(Attempt attempt) {
        UserItemRequestBuilder mailbox = mailbox(attempt);
        Step trace = attempt.trace().orElse(null);
        if (trace instanceof Step.SendingDraft sending) {
            return goOnSending(mailbox, attempt, sending);
        }
        if (trace instanceof Step.Drafted drafted) {
            return send(mailbox, attempt, drafted.draft(), false);
        }
        if (trace instanceof Step.CreatingDraft) {
            List<Message> found = lookUp(mailbox, attempt);
            if (!found.isEmpty()) {
                return send(mailbox, attempt, onlyOne(mailbox, found), false);
            }
        }
        return send(mailbox, attempt, create(mailbox, attempt), false);
    }

    private Draft create(UserItemRequestBuilder mailbox, Attempt attempt) {
        attempt.begin(new Step.CreatingDraft());
        Message created = mailbox.messages()
                .post(message(attempt), request -> request.headers.add("Prefer", GraphAccess.IMMUTABLE_IDS));
        return draft(created);
    }

    private Conclusion send(UserItemRequestBuilder mailbox, Attempt attempt, Draft draft, boolean again) {
        attempt.begin(new Step.SendingDraft(draft, attempt.now(), again));
        try {
            mailbox.messages()
                    .byMessageId(draft.id())
                    .send()
                    .post(request -> request.headers.add("Prefer", GraphAccess.IMMUTABLE_IDS));
        } catch (GraphException e) {
            if (!again && isRefusal(e)) {
                deleteQuietly(mailbox, draft.id());
            }
            throw e;
        }
        return done(draft);
    }

    /** An earlier attempt may have sent it: only what Graph shows counts now. */
    private Conclusion goOnSending(UserItemRequestBuilder mailbox, Attempt attempt, Step.SendingDraft sending) {
        Instant settled = sending.since().plus(attempt.mailSettle());
        Optional<Message> found = lookUp(mailbox, attempt).stream()
                .filter(message -> sending.draft().id().equals(message.getId()))
                .findFirst();
        if (found.isPresent() && !isDraft(found.get())) {
            return done(draft(found.get()));
        }
        if (attempt.now().isBefore(settled)) {
            // Graph answers before it has moved the mail.
            return new Conclusion.LookAgain(attempt.now().plus(LOOK_AGAIN), Optional.of(sending));
        }
        if (found.isEmpty()) {
            return new Conclusion.Unknown();
        }
        try {
            return send(mailbox, attempt, sending.draft(), true);
        } catch (GraphException e) {
            if (!sending.again() && isRefusal(e)) {
                // It may have left between our look and our call; a second refusal says that nobody knows.
                return new Conclusion.LookAgain(
                        attempt.now().plus(LOOK_AGAIN),
                        Optional.of(new Step.SendingDraft(sending.draft(), attempt.now(), true)));
            }
            throw e;
        }
    }

    private static boolean isRefusal(GraphException e) {
        return e.failure() instanceof GraphFailure.Refused refused
                && (refused.status() == 400 || refused.status() == 403 || refused.status() == 404);
    }

    private static List<Message> lookUp(UserItemRequestBuilder mailbox, Attempt attempt) {
        var page = mailbox.messages().get(request -> {
            request.headers.add("Prefer", GraphAccess.IMMUTABLE_IDS);
            request.queryParameters.filter = "singleValueExtendedProperties/any(ep: ep/id eq '" + PROPERTY
                    + "' and ep/value eq '" + mark(attempt).replace("'", "''") + "')";
            request.queryParameters.select = MEMBERS;
        });
        List<Message> found = page == null ? null : page.getValue();
        return found == null ? List.of() : found;
    }

    /** An attempt that was given up may have left a second draft; nobody has tried to send any of them. */
    private static Draft onlyOne(UserItemRequestBuilder mailbox, List<Message> drafts) {
        List<Message> oldestFirst = drafts.stream()
                .sorted(Comparator.comparing(
                        Message::getCreatedDateTime, Comparator.nullsLast(Comparator.naturalOrder())))
                .toList();
        oldestFirst.stream().skip(1).filter(SendMail::isDraft).forEach(spare -> deleteQuietly(mailbox, spare.getId()));
        return draft(oldestFirst.get(0));
    }

    private static void deleteQuietly(UserItemRequestBuilder mailbox, String draftId) {
        try {
            mailbox.messages()
                    .byMessageId(draftId)
                    .delete(request -> request.headers.add("Prefer", GraphAccess.IMMUTABLE_IDS));
        } catch (GraphException e) {
            LOG.debugf("draft stays failure=%s", e.failure());
        }
    }

    private UserItemRequestBuilder mailbox(Attempt attempt) {
        AccountId account = attempt.account();
        if (account.loginMode() == LoginMode.SERVICE) {
            String owner = data.mailbox().orElseThrow(() -> new ProblemException(SyncProblem.MAILBOX_MISSING));
            return attempt.graph().users().byUserId(owner);
        }
        boolean foreign = data.mailbox().isPresent()
                && attempt.accountUpn().isPresent()
                && !data.mailbox().get().equalsIgnoreCase(attempt.accountUpn().get());
        if (foreign) {
            throw new ProblemException(SyncProblem.MAILBOX_NOT_OWN);
        }
        return attempt.graph().me();
    }

    private Message message(Attempt attempt) {
        MailSend.Message mail = data.message();
        SingleValueLegacyExtendedProperty mark = new SingleValueLegacyExtendedProperty();
        mark.setId(PROPERTY);
        mark.setValue(mark(attempt));
        Message message = new Message();
        message.setSubject(mail.subject());
        message.setBody(SendTeamsMessage.itemBody(mail.body()));
        message.setToRecipients(recipients(mail.toRecipients()));
        message.setCcRecipients(recipients(mail.ccRecipients()));
        message.setBccRecipients(recipients(mail.bccRecipients()));
        message.setSingleValueExtendedProperties(List.of(mark));
        return message;
    }

    private static List<Recipient> recipients(List<String> addresses) {
        return addresses.stream()
                .map(address -> {
                    EmailAddress email = new EmailAddress();
                    email.setAddress(address);
                    Recipient recipient = new Recipient();
                    recipient.setEmailAddress(email);
                    return recipient;
                })
                .toList();
    }

    private static String mark(Attempt attempt) {
        return attempt.portal() + "/" + attempt.actionId();
    }

    private static boolean isDraft(Message message) {
        return Boolean.TRUE.equals(message.getIsDraft());
    }

    private static Draft draft(Message message) {
        return new Draft(
                message.getId(),
                Optional.ofNullable(message.getInternetMessageId()),
                Optional.ofNullable(message.getWebLink()));
    }

    private static Conclusion.Done done(Draft mail) {
        Map<String, String> ids = new HashMap<>();
        ids.put("messageId", mail.id());
        mail.internetMessageId().ifPresent(id -> ids.put("internetMessageId", id));
        return new Conclusion.Done(
                mail.id(), ids, mail.webLink().map(link -> Map.of("web", link)).orElse(Map.of()));
    }
}
