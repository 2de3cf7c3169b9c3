package org.m365connector.sync.action;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.m365connector.sync.graph.GraphFailure;

/** What follows from a failed call. Plain rules, so that every row of the table can be tested by itself. */
sealed interface Verdict {

    /** Try again, after that time where somebody asked for it. */
    record Wait(Optional<Duration> after, Optional<Step> trace) implements Verdict {}

    /** Somebody must sign in, or consent, first. */
    record Park(GraphFailure.Problem problem, Optional<Step> trace) implements Verdict {
        /** Whether who does not want to wait cannot be told that nothing happened. */
        boolean inDoubt() {
            return doubtRemains(trace);
        }
    }

    /** The proxy refused before Graph was called; its problem becomes the result's. */
    record Reject(Map<String, Object> problem) implements Verdict {}

    /** Graph refused for good. */
    record Fail(int status, String code) implements Verdict {}

    /** It may have happened once. */
    record Unknown() implements Verdict {}

    Set<String> A_PERSON_SIGNS_IN = Set.of("login-required", "consent-required");

    /** The proxy learns of new users and registrations by events, and may know them a moment later. */
    Set<String> MAY_TURN_UP = Set.of("portal-user-unknown", "registration-unknown");

    /**
     * An administrator repairs these, or they pass by themselves, as a moment in which Graph takes no token of ours; the action
     * waits until its deadline.
     */
    Set<String> WORTH_WAITING_FOR = Set.of("credential-expired", "registration-incomplete", "graph-token-refused");

    /**
     * @param begun the step whose call failed; empty where only a look-up failed
     * @param trace what was left at Graph before this attempt
     */
    static Verdict of(
            GraphFailure failure, Optional<Step> begun, Optional<Step> trace, Instant now, Instant knownUntil) {
        if (failure.mayHaveHappened() && begun.isPresent()) {
            return begun.get().canBeLookedUp()
                    ? new Wait(failure.retryAfter(), begun.map(step -> step.endedAt(now)))
                    : new Unknown();
        }
        Optional<Step> left = begun.isPresent() ? begun.get().before().map(step -> step.endedAt(now)) : trace;
        if (failure instanceof GraphFailure.Problem problem) {
            return ofProblem(problem, left, now, knownUntil);
        }
        if (failure instanceof GraphFailure.Refused refused && !refused.retryable()) {
            return doubtRemains(left) ? new Unknown() : new Fail(refused.status(), refused.code());
        }
        return new Wait(failure.retryAfter(), left);
    }

    private static Verdict ofProblem(
            GraphFailure.Problem problem, Optional<Step> left, Instant now, Instant knownUntil) {
        if (A_PERSON_SIGNS_IN.contains(problem.slug())) {
            return new Park(problem, left);
        }
        if (problem.retryable()
                || WORTH_WAITING_FOR.contains(problem.slug())
                || (MAY_TURN_UP.contains(problem.slug()) && now.isBefore(knownUntil))) {
            return new Wait(problem.retryAfter(), left);
        }
        return doubtRemains(left) ? new Unknown() : new Reject(problem.body());
    }

    private static boolean doubtRemains(Optional<Step> left) {
        return left.filter(Step::mayBeItsEffect).isPresent();
    }
}
