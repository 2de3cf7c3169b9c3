package org.m365connector.sync.action;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.ActionCompleted;
import org.m365connector.events.ActionParked;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.Outcome;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.Topics;
import org.m365connector.outbox.Outbox;
import org.m365connector.sync.graph.TraceParent;
import org.m365connector.sync.work.Leases;

/**
 * Every change of an action, each one transaction.
 *
 * <ol>
 *   <li>A result enters the outbox in the transaction that finishes the action, and a finished action never changes: exactly
 *       one result.
 *   <li>What a worker is about to do is written down before it does it ({@link #begin}), so a crash leaves a trace.
 *   <li>Every change asks for the lease: who has been overtaken changes nothing any more.
 * </ol>
 */
@ApplicationScoped
public class ActionLedger {
    private static final int SLICE = 5_000;

    private final Actions actions;
    private final Outbox outbox;
    private final Leases leases;
    private final ActionConfig config;
    private final Clock clock;

    ActionLedger(Actions actions, Outbox outbox, Leases leases, ActionConfig config, Clock clock) {
        this.actions = actions;
        this.outbox = outbox;
        this.leases = leases;
        this.config = config;
        this.clock = clock;
    }

    /** In the transaction of the inbox. */
    @Transactional(TxType.MANDATORY)
    void receive(ActionRequest request, String data) {
        Action action = newAction(request.envelope());
        action.registration = request.registration().value();
        action.account = request.account().map(AccountName::value).orElse(null);
        action.park = request.park();
        action.deadline = request.deadline();
        action.data = data;
        action.turn = actions.lockKey(action.portal, action.orderingKey);
        actions.persist(action);
    }

    /** In the transaction of the inbox: understood well enough to be answered, and refused. */
    @Transactional(TxType.MANDATORY)
    void reject(ActionRequest.Envelope envelope, String registration, Map<String, Object> problem) {
        Action action = newAction(envelope);
        action.registration = registration;
        action.park = false;
        action.deadline = clock.instant();
        action.data = "{}";
        actions.lockKey(action.portal, action.orderingKey);
        actions.persist(action);
        conclude(
                action,
                new ActionCompleted(Outcome.REJECTED, Map.of(), Map.of(), Optional.of(problem)),
                Optional.empty());
    }

    private Action newAction(ActionRequest.Envelope envelope) {
        Action action = new Action();
        action.portal = envelope.portal().value();
        action.actionId = envelope.id();
        action.source = envelope.source().toString();
        action.type = envelope.type();
        action.orderingKey = envelope.orderingKey();
        action.portalUser = envelope.portalUser().value();
        action.traceparent = envelope.traceparent().orElse(null);
        action.receivedAt = clock.instant();
        action.become(new ActionState.Received(), clock.instant());
        return action;
    }

    @Transactional(TxType.REQUIRES_NEW)
    Optional<ClaimedAction> claim() {
        String owner = leases.newOwner();
        long lease = config.lease().toMillis();
        return actions.claimExpired(owner, lease)
                .map(action -> ClaimedAction.of(action, owner, true))
                .or(() -> actions.claim(owner, lease).map(action -> ClaimedAction.of(action, owner, false)));
    }

    /** @param acting who does it, as far as known */
    @Transactional(TxType.REQUIRES_NEW)
    void begin(ClaimedAction claimed, Step step, Optional<AccountName> acting) {
        actions.prolong(claimed.rowId(), claimed.owner(), config.lease().toMillis());
        Action action = actions.owned(claimed.rowId(), claimed.owner());
        action.begunBy(acting);
        action.become(action.open(claimed.owner()).attempt(step), clock.instant());
    }

    /** @param failed whether this attempt failed, so that the next pause is longer */
    @Transactional(TxType.REQUIRES_NEW)
    void await(ClaimedAction claimed, Duration pause, Optional<Step> trace, boolean failed) {
        Action action = actions.owned(claimed.rowId(), claimed.owner());
        if (failed) {
            action.attempts++;
        }
        action.become(
                action.open(claimed.owner())
                        .await(noLaterThan(action.deadline, clock.instant().plus(pause)), trace),
                clock.instant());
    }

    /** Tells the portal the first time, and whenever there is another link. */
    @Transactional(TxType.REQUIRES_NEW)
    void park(
            ClaimedAction claimed,
            AccountId account,
            Optional<String> loginUrl,
            String reason,
            Optional<Step> trace,
            Duration recheck) {
        Action action = actions.owned(claimed.rowId(), claimed.owner());
        action.attempts++;
        boolean anotherLink = loginUrl.isPresent() && !loginUrl.equals(action.lastLoginUrl());
        action.become(
                action.open(claimed.owner())
                        .park(
                                account,
                                loginUrl,
                                noLaterThan(action.deadline, clock.instant().plus(recheck)),
                                trace),
                clock.instant());
        ActionParked parked = new ActionParked(reason, loginUrl, action.deadline);
        if (!action.parkedAnnounced) {
            action.parkedAnnounced = true;
            publish(action, "parked", ActionParked.TYPE, parked);
        } else if (anotherLink) {
            action.linksTold++;
            publish(action, "parked/" + action.linksTold, ActionParked.TYPE, parked);
        }
    }

    @Transactional(TxType.REQUIRES_NEW)
    void finish(ClaimedAction claimed, ActionCompleted result, Optional<String> effectId) {
        actions.lockKey(claimed.portal().value(), claimed.orderingKey());
        conclude(actions.owned(claimed.rowId(), claimed.owner()), result, effectId);
    }

    private void conclude(Action action, ActionCompleted result, Optional<String> effectId) {
        action.finish(result.outcome(), effectId, clock.instant());
        action.result = new String(EventCodec.bytes(result), java.nio.charset.StandardCharsets.UTF_8);
        publish(action, "completed", ActionCompleted.TYPE, result);
        actions.passTurn(action.portal, action.orderingKey);
    }

    private void publish(Action action, String what, String type, Object data) {
        Map<String, String> extensions = new HashMap<>();
        extensions.put(Event.CAUSATION_ID, action.actionId);
        extensions.put(Event.PORTAL_USER, action.portalUser);
        if (!action.registration.isEmpty()) {
            extensions.put(Event.REGISTRATION, action.registration);
        }
        if (action.traceparent != null) {
            extensions.put("traceparent", action.traceparent);
        }
        PortalId portal = new PortalId(action.portal);
        outbox.add(
                Topics.results(portal),
                action.orderingKey,
                new Event<>(
                        action.actionId + "/" + what,
                        URI.create("/m365/" + portal + "/sync"),
                        type,
                        Optional.empty(),
                        clock.instant(),
                        extensions,
                        data));
    }

    /** An account can be used again. */
    @Transactional(TxType.REQUIRES_NEW)
    int wake(PortalId portal, RegistrationName registration, AccountId account) {
        return actions.wake(portal, registration, account);
    }

    @Transactional(TxType.REQUIRED)
    <T> Optional<T> find(PortalId portal, String actionId, Function<Action, T> view) {
        return actions.of(portal, actionId).map(view);
    }

    /** The action of ours that made this resource, where one did; of a mail already when its draft is about to be sent. */
    @Transactional(TxType.REQUIRED)
    public Optional<String> causeOf(PortalId portal, String resourceId) {
        return actions.causeOf(portal, resourceId);
    }

    /** Whether a message of ours may have appeared in this channel, or is about to, of which {@link #causeOf} does not know yet. */
    @Transactional(TxType.REQUIRED)
    public boolean isPosting(PortalId portal, String channelId) {
        return actions.isPosting(portal, channelId);
    }

    /** @return whether there may be more */
    @Transactional(TxType.REQUIRES_NEW)
    boolean forgetOld() {
        return actions.forgetFinishedBefore(clock.instant().minus(config.keepFinished()), SLICE) == SLICE;
    }

    @Transactional(TxType.REQUIRES_NEW)
    int giveMissingTurns() {
        return actions.giveMissingTurns();
    }

    @Transactional(TxType.REQUIRES_NEW)
    long countOpen() {
        return actions.open();
    }

    /** A deadline that lies ahead wakes the action in time; one that has passed no longer hurries it. */
    private Instant noLaterThan(Instant deadline, Instant time) {
        return time.isAfter(deadline) && deadline.isAfter(clock.instant()) ? deadline : time;
    }

    /**
     * What a worker needs to know of an action that it has claimed.
     *
     * @param expired its deadline has passed before its turn came: all that is left is to say so
     * @param begunBy who has begun what there is a trace of
     */
    record ClaimedAction(
            long rowId,
            String owner,
            boolean expired,
            PortalId portal,
            String orderingKey,
            String actionId,
            String type,
            PortalUser portalUser,
            RegistrationName registration,
            Optional<AccountName> account,
            boolean park,
            Instant deadline,
            Instant receivedAt,
            int attempts,
            Optional<ActionState.Parked> parked,
            Optional<Step> trace,
            Optional<AccountName> begunBy,
            Optional<TraceParent> traceParent,
            String data) {

        static ClaimedAction of(Action action, String owner, boolean expired) {
            return new ClaimedAction(
                    action.id,
                    owner,
                    expired,
                    new PortalId(action.portal),
                    action.orderingKey,
                    action.actionId,
                    action.type,
                    new PortalUser(action.portalUser),
                    new RegistrationName(action.registration),
                    Optional.ofNullable(action.account).map(AccountName::new),
                    action.park,
                    action.deadline,
                    action.receivedAt,
                    action.attempts,
                    action.state() instanceof ActionState.Parked parked ? Optional.of(parked) : Optional.empty(),
                    action.open(owner).trace(),
                    action.begunBy(),
                    Optional.ofNullable(action.traceparent).flatMap(TraceParent::of),
                    action.data);
        }

        /** Leaves out what people wrote. */
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "portal=%s action=%s type=%s user=%s", portal, actionId, type, portalUser);
        }
    }
}
