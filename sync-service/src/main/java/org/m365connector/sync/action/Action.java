package org.m365connector.sync.action;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.Outcome;
import org.m365connector.sync.work.LeaseLostException;

/** An action as it is stored: what was asked for, and its {@link ActionState} spread over columns. */
@Entity
class Action {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    Long id;

    String portal;

    @Column(name = "action_id")
    String actionId;

    String source;
    String type;

    @Column(name = "ordering_key")
    String orderingKey;

    @Column(name = "portal_user")
    String portalUser;

    String registration;
    String account;
    boolean park;
    Instant deadline;
    String traceparent;
    String data;

    @Column(name = "received_at")
    Instant receivedAt;

    private String state;
    private String step;

    @Column(name = "step_ref")
    private String stepRef;

    @Column(name = "step_at")
    private Instant stepAt;

    /** Who has begun what stands in the trace, by the name that a portal uses. */
    @Column(name = "acting_account")
    private String actingAccount;

    int attempts;

    @Column(name = "next_attempt_at")
    private Instant nextAttemptAt;

    @Column(name = "parked_account")
    private String parkedAccount;

    @Column(name = "parked_announced")
    boolean parkedAnnounced;

    @Column(name = "login_url")
    private String loginUrl;

    /** How often another link was told after the first. */
    @Column(name = "links_told")
    int linksTold;

    /** Whether no earlier one of its key is unfinished; after the beginning the table of actions looks after it. */
    @Column(updatable = false)
    boolean turn;

    /** When the lease ends is the database's alone, by whose clock it is compared. */
    @Column(name = "lease_owner")
    private String leaseOwner;

    private String outcome;
    String result;

    @Column(name = "effect_id")
    private String effectId;

    @Column(name = "finished_at")
    Instant finishedAt;

    ActionState state() {
        return switch (state) {
            case "received" -> new ActionState.Received();
            case "waiting" -> new ActionState.Waiting(nextAttemptAt, step());
            case "parked" ->
                new ActionState.Parked(
                        new AccountId(parkedAccount), Optional.ofNullable(loginUrl), nextAttemptAt, step());
            case "attempting" -> new ActionState.Attempting(step().orElseThrow());
            case "finished" -> new ActionState.Finished(Outcome.valueOf(outcome));
            default -> throw new IllegalStateException("stored state of an action is not known");
        };
    }

    /** The state of an action that may still change, for the worker whose lease it is. */
    ActionState.Open open(String owner) {
        if (owner.equals(leaseOwner) && state() instanceof ActionState.Open open) {
            return open;
        }
        throw new LeaseLostException("action " + id);
    }

    /** Ends the lease, except while attempting. */
    void become(ActionState next, Instant now) {
        // Sealed, so an instanceof chain misses nothing that the compiler of level 17 could find.
        if (next instanceof ActionState.Received) {
            state = "received";
            nextAttemptAt = now;
        } else if (next instanceof ActionState.Waiting waiting) {
            state = "waiting";
            nextAttemptAt = waiting.until();
            remember(waiting.trace());
            release();
        } else if (next instanceof ActionState.Parked parked) {
            state = "parked";
            parkedAccount = parked.account().value();
            loginUrl = parked.loginUrl().orElse(null);
            nextAttemptAt = parked.recheck();
            remember(parked.trace());
            release();
        } else if (next instanceof ActionState.Attempting attempting) {
            state = "attempting";
            remember(Optional.of(attempting.step()));
        } else if (next instanceof ActionState.Finished finished) {
            state = "finished";
            outcome = finished.outcome().name();
            finishedAt = now;
            release();
        }
    }

    /** For people: the state's name. */
    String stateName() {
        return state;
    }

    Optional<String> currentLoginUrl() {
        return state.equals("parked") ? Optional.ofNullable(loginUrl) : Optional.empty();
    }

    /** Also while a parked one is tried again. */
    Optional<String> lastLoginUrl() {
        return Optional.ofNullable(loginUrl);
    }

    /** Whoever begins something goes on with it: another account would look for it in the wrong place. */
    void begunBy(Optional<AccountName> name) {
        if (step == null || actingAccount == null) {
            actingAccount = name.map(AccountName::value).orElse(null);
        }
    }

    /** Who has begun what there is a trace of; empty where there is none. */
    Optional<AccountName> begunBy() {
        return step == null
                ? Optional.empty()
                : Optional.ofNullable(actingAccount).map(AccountName::new);
    }

    Instant nextAttemptAt() {
        return nextAttemptAt;
    }

    private void release() {
        leaseOwner = null;
    }

    private Optional<Step> step() {
        if (step == null) {
            return Optional.empty();
        }
        return Optional.of(
                switch (step) {
                    case "creating-draft" -> new Step.CreatingDraft();
                    case "drafted" -> new Step.Drafted(Draft.fromJson(stepRef));
                    case "sending-draft" -> new Step.SendingDraft(Draft.fromJson(stepRef), stepAt, false);
                    case "sending-draft-again" -> new Step.SendingDraft(Draft.fromJson(stepRef), stepAt, true);
                    case "discarding-draft" -> Step.DiscardingDraft.fromJson(stepRef);
                    case "posting-message" -> new Step.PostingMessage();
                    default -> throw new IllegalStateException("stored step of an action is not known");
                });
    }

    private void remember(Optional<Step> trace) {
        step = null;
        stepRef = null;
        stepAt = null;
        if (trace.isEmpty()) {
            return;
        }
        Step now = trace.get();
        if (now instanceof Step.CreatingDraft) {
            step = "creating-draft";
        } else if (now instanceof Step.Drafted drafted) {
            step = "drafted";
            remember(drafted.draft());
        } else if (now instanceof Step.SendingDraft sending) {
            step = sending.again() ? "sending-draft-again" : "sending-draft";
            remember(sending.draft());
            stepAt = sending.since();
        } else if (now instanceof Step.DiscardingDraft discarding) {
            step = "discarding-draft";
            remember(discarding.draft());
            stepRef = discarding.toJson();
        } else if (now instanceof Step.PostingMessage) {
            step = "posting-message";
        }
    }

    /** A round may see the mail before its result is written, so its name stands here before it is sent. */
    private void remember(Draft draft) {
        stepRef = draft.toJson();
        effectId = draft.id();
    }

    /** What it made at Graph, or may have made; by this id a change is traced back to it. */
    Optional<String> effectId() {
        return Optional.ofNullable(effectId);
    }

    /** @param made id of what it made at Graph; where there is none, a draft that was made on the way stays its effect */
    void finish(Outcome how, Optional<String> made, Instant now) {
        made.ifPresent(id -> effectId = id);
        // What people wrote is needed no longer.
        data = "{}";
        become(new ActionState.Finished(how), now);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "Action[id=%s, portal=%s, type=%s, state=%s]", id, portal, type, state);
    }
}
