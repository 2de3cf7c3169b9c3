package org.m365connector.sync.action;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.m365connector.events.AccountName;
import org.m365connector.events.Event;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.outbox.TraceContext;
import org.m365connector.problem.ProblemException;
import org.m365connector.sync.SyncProblem;

/** An action as a portal asked for it, checked as far as that is possible without Graph. */
record ActionRequest(
        Envelope envelope,
        RegistrationName registration,
        Optional<AccountName> account,
        Instant deadline,
        boolean park,
        Command command) {

    /** Of RFC 3339. Java knows far later ones, which no database stores. */
    private static final int LAST_YEAR = 9999;

    /**
     * What is needed to answer an action at all. Who cannot say that much gets no result, since there is nobody to send it to.
     *
     * @param orderingKey actions of one portal and key are carried out one after the other; the result has the same key
     */
    record Envelope(
            PortalId portal,
            String id,
            URI source,
            String type,
            PortalUser portalUser,
            String orderingKey,
            Optional<String> traceparent) {

        /** @throws IllegalArgumentException with words for the operator where the portal user is missing or malformed */
        static Envelope of(PortalId portal, String key, Event<JsonNode> event) {
            PortalUser user = new PortalUser(event.extension(Event.PORTAL_USER)
                    .orElseThrow(() -> new IllegalArgumentException("the attribute portaluser is missing")));
            return new Envelope(
                    portal,
                    event.id(),
                    event.source(),
                    event.type(),
                    user,
                    key == null || key.isEmpty() ? user.value() : key,
                    event.extension("traceparent").or(TraceContext::current));
        }
    }

    /** @throws ProblemException that becomes the result of the action */
    static ActionRequest of(Envelope envelope, Event<JsonNode> event, Instant now, Duration defaultDeadline) {
        return new ActionRequest(
                envelope,
                registration(event),
                account(event),
                deadline(event).orElseGet(() -> now.plus(defaultDeadline)),
                park(event),
                Command.of(event.type(), event.data()));
    }

    private static RegistrationName registration(Event<JsonNode> event) {
        try {
            return new RegistrationName(event.extension(Event.REGISTRATION).orElse(""));
        } catch (IllegalArgumentException e) {
            throw new ProblemException(SyncProblem.REGISTRATION_MISSING);
        }
    }

    private static Optional<AccountName> account(Event<JsonNode> event) {
        try {
            return event.extension(Event.ACCOUNT).map(AccountName::new);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(SyncProblem.INVALID_ACTION, "the attribute account is malformed");
        }
    }

    private static Optional<Instant> deadline(Event<JsonNode> event) {
        try {
            Optional<OffsetDateTime> deadline = event.extension(Event.DEADLINE).map(OffsetDateTime::parse);
            if (deadline.filter(time -> time.getYear() < 1 || time.getYear() > LAST_YEAR)
                    .isPresent()) {
                throw new DateTimeException("beyond RFC 3339");
            }
            return deadline.map(OffsetDateTime::toInstant);
        } catch (DateTimeException e) {
            throw new ProblemException(SyncProblem.INVALID_ACTION, "the attribute deadline is not a time");
        }
    }

    private static boolean park(Event<JsonNode> event) {
        String choice = event.extension(Event.ON_LOGIN_REQUIRED).orElse("park");
        return switch (choice) {
            case "park" -> true;
            case "reject" -> false;
            default ->
                throw new ProblemException(
                        SyncProblem.INVALID_ACTION, "the attribute onloginrequired is neither park nor reject");
        };
    }
}
