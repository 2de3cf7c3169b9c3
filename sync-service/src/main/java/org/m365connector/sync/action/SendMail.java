package org.m365connector.sync.action;

import com.microsoft.graph.models.EmailAddress;
import com.microsoft.graph.models.Message;
import com.microsoft.graph.models.Recipient;
import com.microsoft.graph.models.SingleValueLegacyExtendedProperty;
import com.microsoft.graph.users.item.UserItemRequestBuilder;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.m365connector.capability.Operation;
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

    /** While a mail settles Graph is asked so often, every two seconds by default. */
    private static final int LOOKS = 15;

    private static final String[] MEMBERS = {"id", "isDraft", "internetMessageId", "webLink", "createdDateTime"};

    /** Whose mailbox it is, is decided later; a mailbox named by its address is open to each kind of login. */
    @Override
    public Operation operation() {
        return new Operation("POST", List.of("users", data.mailbox().orElse("me"), "messages"));
    }

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
        if (trace instanceof Step.DiscardingDraft discarding) {
            return discard(mailbox, attempt, discarding);
        }
        if (trace instanceof Step.Drafted drafted) {
            return send(mailbox, attempt, drafted.draft(), false);
        }
        if (trace instanceof Step.CreatingDraft) {
            List<Message> found = lookUp(mailbox, attempt);
            if (!found.isEmpty()) {
                return send(mailbox, attempt, onlyOne(mailbox, attempt, found), false);
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
        attempt.begin(new Step.SendingDraft(draft, attempt.callEndsBy(), again));
        try {
            mailbox.messages()
                    .byMessageId(draft.id())
                    .send()
                    .post(request -> request.headers.add("Prefer", GraphAccess.IMMUTABLE_IDS));
        } catch (GraphException e) {
            if (!again && e.failure() instanceof GraphFailure.Refused refused && isForGood(refused)) {
                return discard(mailbox, attempt, new Step.DiscardingDraft(draft, refused.status(), refused.code()));
            }
            throw e;
        }
        return done(draft);
    }

    /** Who has been overtaken ends at {@code begin}: what was a draft of his may be another's sent mail by now. */
    private static Conclusion discard(
            UserItemRequestBuilder mailbox, Attempt attempt, Step.DiscardingDraft discarding) {
        attempt.begin(discarding);
        try {
            Optional<Message> found = lookUp(mailbox, attempt, discarding.draft());
            if (found.isPresent() && !isDraft(found.get())) {
                // Its owner was faster and has sent it by hand.
                return done(draft(found.get()));
            }
            found.ifPresent(draft -> delete(mailbox, draft));
        } catch (GraphException e) {
            LOG.debugf("draft stays failure=%s", e.failure());
        }
        return new Conclusion.Failed(discarding.status(), discarding.code());
    }

    /** An earlier attempt may have sent it: only what Graph shows counts now. */
    private Conclusion goOnSending(UserItemRequestBuilder mailbox, Attempt attempt, Step.SendingDraft sending) {
        Instant settled = sending.since().plus(attempt.mailSettle());
        Optional<Message> found = lookUp(mailbox, attempt, sending.draft());
        if (found.isPresent() && !isDraft(found.get())) {
            return done(draft(found.get()));
        }
        if (attempt.now().isBefore(settled)) {
            // Graph answers before it has moved the mail.
            return new Conclusion.LookAgain(lookAgain(attempt), Optional.of(sending));
        }
        if (found.isEmpty()) {
            return new Conclusion.Unknown();
        }
        try {
            return send(mailbox, attempt, sending.draft(), true);
        } catch (GraphException e) {
            if (!sending.again() && e.failure() instanceof GraphFailure.Refused refused && isForGood(refused)) {
                // It may have left between our look and our call; a second refusal says that nobody knows.
                return new Conclusion.LookAgain(
                        lookAgain(attempt), Optional.of(new Step.SendingDraft(sending.draft(), attempt.now(), true)));
            }
            throw e;
        }
    }

    private static Instant lookAgain(Attempt attempt) {
        return attempt.now().plus(attempt.mailSettle().dividedBy(LOOKS));
    }

    private static boolean isForGood(GraphFailure.Refused refused) {
        return refused.status() == 400 || refused.status() == 403 || refused.status() == 404;
    }

    private static Optional<Message> lookUp(UserItemRequestBuilder mailbox, Attempt attempt, Draft draft) {
        return lookUp(mailbox, attempt).stream()
                .filter(message -> draft.id().equals(message.getId()))
                .findFirst();
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

    /**
     * An attempt that was given up may have left a second draft; nobody has tried to send any of them. Which one it will be is
     * written down before the others go, so that nobody who takes over sends one of those.
     */
    private static Draft onlyOne(UserItemRequestBuilder mailbox, Attempt attempt, List<Message> drafts) {
        List<Message> oldestFirst = drafts.stream()
                .sorted(Comparator.comparing(
                        Message::getCreatedDateTime, Comparator.nullsLast(Comparator.naturalOrder())))
                .toList();
        Draft chosen = draft(oldestFirst.get(0));
        List<Message> spare =
                oldestFirst.stream().skip(1).filter(SendMail::isDraft).toList();
        if (!spare.isEmpty()) {
            attempt.begin(new Step.Drafted(chosen));
            try {
                spare.forEach(draft -> delete(mailbox, draft));
            } catch (GraphException e) {
                LOG.debugf("draft stays failure=%s", e.failure());
            }
        }
        return chosen;
    }

    private static void delete(UserItemRequestBuilder mailbox, Message draft) {
        mailbox.messages()
                .byMessageId(draft.getId())
                .delete(request -> request.headers.add("Prefer", GraphAccess.IMMUTABLE_IDS));
    }

    private UserItemRequestBuilder mailbox(Attempt attempt) {
        return mailboxByName(
                        attempt.account(),
                        data.mailbox(),
                        attempt.accountNames(),
                        attempt.trace().isPresent())
                .map(name -> attempt.graph().users().byUserId(name))
                .orElseGet(() -> attempt.graph().me());
    }

    /**
     * Whose mailbox is called by its name; empty for the acting account's own. While it is not known who acts, the mailbox that
     * was named is called as it was named: where it is somebody else's, Graph refuses, and no mail leaves from another one.
     *
     * @param names of the acting account, as far as known
     * @param begun whether an attempt has begun something in the mailbox already; then it is too late to refuse
     */
    static Optional<String> mailboxByName(AccountId account, Optional<String> named, Set<String> names, boolean begun) {
        if (account.loginMode() == LoginMode.SERVICE) {
            return Optional.of(named.orElseThrow(() -> new ProblemException(SyncProblem.MAILBOX_MISSING)));
        }
        if (named.isEmpty() || names.stream().anyMatch(named.get()::equalsIgnoreCase)) {
            return Optional.empty();
        }
        if (names.isEmpty() || begun) {
            return named;
        }
        throw new ProblemException(SyncProblem.MAILBOX_NOT_OWN);
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
