package org.m365connector.sync.action;

import java.time.Instant;
import java.util.Optional;
import org.m365connector.events.AccountId;
import org.m365connector.events.Outcome;

/**
 * Where an action stands. Only an open action can change; the one way out is {@link Finished}, together with the result.
 *
 * <pre>
 *                 ┌──────────────── claimed by a worker ───────────────┐
 *                 │                                                    ▼
 * Received ───────┤                                            Attempting(step) ──▶ Finished(outcome)
 *                 │ ┌─── Graph, Entra away, throttled ◀────────────────┤                 ▲
 *                 │ ▼                                                  │                 │
 *                 ├ Waiting(until) ── deadline ────────────────────────┼─────────────────┤
 *                 │ ┌─── somebody must sign in ◀───────────────────────┘                 │
 *                 │ ▼                                                                    │
 *                 └ Parked(account) ── deadline ─────────────────────────────────────────┘
 * </pre>
 *
 * An action that is not finished, in whatever state, holds up later ones with the same portal and ordering key, and no others:
 * order is per key, and who publishes under one key asked for that order. A parked one is no exception, since the later ones of
 * that key mostly need the same account.
 */
sealed interface ActionState {

    /** Not finished. */
    sealed interface Open extends ActionState {
        /** What earlier attempts have left at Graph, or may have. */
        Optional<Step> trace();

        default Attempting attempt(Step step) {
            return new Attempting(step);
        }

        default Waiting await(Instant until, Optional<Step> trace) {
            return new Waiting(until, trace);
        }

        default Parked park(AccountId account, Optional<String> loginUrl, Instant recheck, Optional<Step> trace) {
            return new Parked(account, loginUrl, recheck, trace);
        }

        default Finished finish(Outcome outcome) {
            return new Finished(outcome);
        }
    }

    record Received() implements Open {
        @Override
        public Optional<Step> trace() {
            return Optional.empty();
        }
    }

    record Waiting(Instant until, Optional<Step> trace) implements Open {}

    record Parked(AccountId account, Optional<String> loginUrl, Instant recheck, Optional<Step> trace)
            implements Open {}

    /** A worker is at it, or has died at it. */
    record Attempting(Step step) implements Open {
        @Override
        public Optional<Step> trace() {
            return Optional.of(step);
        }
    }

    record Finished(Outcome outcome) implements ActionState {}
}
