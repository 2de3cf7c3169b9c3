package org.m365connector.sync.action;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Clock;
import java.util.Optional;
import org.m365connector.events.Event;
import org.m365connector.events.PortalId;
import org.m365connector.outbox.ContentHash;
import org.m365connector.outbox.EventKey;
import org.m365connector.outbox.Inbox;
import org.m365connector.outbox.PoisonException;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.Problems;
import org.m365connector.sync.SyncProblem;

/** Takes an action in, wherever it came from: after this it is stored, and will have one result. */
@ApplicationScoped
class ActionIntake {
    private final ActionLedger ledger;
    private final Inbox inbox;
    private final ActingAccounts accounts;
    private final ActionConfig config;
    private final Clock clock;

    ActionIntake(ActionLedger ledger, Inbox inbox, ActingAccounts accounts, ActionConfig config, Clock clock) {
        this.ledger = ledger;
        this.inbox = inbox;
        this.accounts = accounts;
        this.config = config;
        this.clock = clock;
    }

    /**
     * In the transaction in which the inbox has seen the event for the first time.
     *
     * @throws PoisonException where nobody could be given a result
     */
    @Transactional(TxType.MANDATORY)
    void take(PortalId portal, String key, Event<JsonNode> event) {
        ActionRequest.Envelope envelope;
        try {
            envelope = ActionRequest.Envelope.of(portal, key, event);
        } catch (IllegalArgumentException e) {
            throw new PoisonException("not an action: " + e.getMessage());
        }
        if (isTaken(portal, event.id())) {
            // Results are found by this id alone: one for this action would look like a second one of the other.
            throw new PoisonException("another source has used this action's id");
        }
        try {
            ledger.receive(
                    ActionRequest.of(envelope, event, clock.instant(), config.defaultDeadline()),
                    event.data().toString());
        } catch (ProblemException e) {
            ledger.reject(
                    envelope,
                    event.extension(Event.REGISTRATION).orElse(""),
                    Problems.body(e, accounts.language(portal)));
        }
    }

    /**
     * The same for an action that came by HTTP.
     *
     * @throws org.m365connector.outbox.ReusedEventIdException where another action of this source has this id
     * @throws ProblemException {@code action-id-reused} where one of another source has it
     */
    @Transactional(TxType.REQUIRES_NEW)
    void takePosted(PortalId portal, Optional<String> key, Event<JsonNode> event) {
        var identity = new EventKey(Optional.of(portal), event.source().toString(), event.id());
        if (inbox.firstTime(identity, ContentHash.of(event))) {
            if (isTaken(portal, event.id())) {
                throw new ProblemException(SyncProblem.ACTION_ID_REUSED);
            }
            take(portal, key.orElse(null), event);
        }
    }

    private boolean isTaken(PortalId portal, String actionId) {
        return ledger.find(portal, actionId, action -> action.actionId).isPresent();
    }
}
