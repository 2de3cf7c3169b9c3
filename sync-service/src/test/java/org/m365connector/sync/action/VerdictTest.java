package org.m365connector.sync.action;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.sync.graph.GraphFailure;

class VerdictTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final Draft DRAFT = new Draft("d", Optional.empty(), Optional.empty());
    private static final Step SENDING = new Step.SendingDraft(DRAFT, NOW, false);
    private static final Step SENDING_AGAIN = new Step.SendingDraft(DRAFT, NOW, true);

    private static Verdict after(Step begun, GraphFailure failure) {
        return Verdict.of(failure, Optional.ofNullable(begun), Optional.empty(), NOW, NOW);
    }

    private static GraphFailure refused(int status) {
        return new GraphFailure.Refused(status, "code", "", Optional.empty());
    }

    private static GraphFailure refusedFor(int status) {
        return new GraphFailure.Refused(status, "code", "", Optional.of(Duration.ofSeconds(7)));
    }

    private static GraphFailure problem(String slug, int status) {
        return new GraphFailure.Problem(slug, status, Map.of("type", slug), Optional.empty());
    }

    @Test
    void postedMessageWithoutAnAnswerIsUnknown() {
        Step posting = new Step.PostingMessage();

        assertThat(after(posting, new GraphFailure.NoAnswer())).isEqualTo(new Verdict.Unknown());
        assertThat(after(posting, refused(504))).isEqualTo(new Verdict.Unknown());
        assertThat(after(posting, refused(500))).isEqualTo(new Verdict.Unknown());
        assertThat(after(posting, refused(503))).isEqualTo(new Verdict.Unknown());
        assertThat(after(posting, problem("graph-timeout", 504))).isEqualTo(new Verdict.Unknown());
        assertThat(after(posting, problem("graph-unreachable", 502))).isEqualTo(new Verdict.Unknown());
    }

    @Test
    void postedMessageThatSurelyWasNotExecutedWaits() {
        Step posting = new Step.PostingMessage();
        Verdict again = new Verdict.Wait(Optional.empty(), Optional.empty());

        assertThat(after(posting, new GraphFailure.NotSent())).isEqualTo(again);
        assertThat(after(posting, problem("auth-unavailable", 503))).isEqualTo(again);
        assertThat(after(posting, refused(429))).isEqualTo(again);
        assertThat(after(posting, refusedFor(503)))
                .isEqualTo(new Verdict.Wait(Optional.of(Duration.ofSeconds(7)), Optional.empty()));
        assertThat(after(
                        posting,
                        new GraphFailure.Problem("graph-unreachable", 502, Map.of("sent", false), Optional.empty())))
                .isEqualTo(again);
    }

    @Test
    void mailInDoubtKeepsItsTrace() {
        assertThat(after(SENDING, new GraphFailure.NoAnswer()))
                .isEqualTo(new Verdict.Wait(Optional.empty(), Optional.of(SENDING)));
        assertThat(after(new Step.CreatingDraft(), new GraphFailure.NoAnswer()))
                .isEqualTo(new Verdict.Wait(Optional.empty(), Optional.of(new Step.CreatingDraft())));
    }

    @Test
    void mailThatSurelyWasNotSentKeepsItsDraft() {
        assertThat(after(SENDING, refused(429)))
                .isEqualTo(new Verdict.Wait(Optional.empty(), Optional.of(new Step.Drafted(DRAFT))));
        assertThat(after(SENDING_AGAIN, refused(429)))
                .isEqualTo(new Verdict.Wait(Optional.empty(), Optional.of(SENDING_AGAIN)));
    }

    @Test
    void refusalForGoodFailsUnlessAnEarlierAttemptMayHaveSent() {
        assertThat(after(SENDING, refused(403))).isEqualTo(new Verdict.Fail(403, "code"));
        assertThat(after(SENDING_AGAIN, refused(403))).isEqualTo(new Verdict.Unknown());
    }

    @Test
    void missingSignInParksWithTheTrace() {
        assertThat(after(SENDING, problem("login-required", 409)))
                .isInstanceOfSatisfying(
                        Verdict.Park.class, park -> assertThat(park.trace()).contains(new Step.Drafted(DRAFT)));
    }

    @Test
    void missingSignInWhileLookingKeepsTheDoubt() {
        assertThat(whileLooking(problem("login-required", 409)))
                .isInstanceOfSatisfying(
                        Verdict.Park.class, park -> assertThat(park.trace()).contains(SENDING));
    }

    @Test
    void refusalWhileLookingLeavesItUnknown() {
        assertThat(whileLooking(problem("account-not-assigned", 403))).isEqualTo(new Verdict.Unknown());
    }

    private static Verdict whileLooking(GraphFailure failure) {
        return Verdict.of(failure, Optional.empty(), Optional.of(SENDING), NOW, NOW);
    }

    @Test
    void refusedTokenWaits() {
        assertThat(after(new Step.PostingMessage(), problem("graph-token-refused", 401)))
                .isEqualTo(new Verdict.Wait(Optional.empty(), Optional.empty()));
        assertThat(whileLooking(problem("graph-token-refused", 401)))
                .isEqualTo(new Verdict.Wait(Optional.empty(), Optional.of(SENDING)));
    }

    @Test
    void mailInDoubtSettlesFromTheEndOfTheCall() {
        Step begun = new Step.SendingDraft(DRAFT, NOW.minusSeconds(33), false);

        assertThat(after(begun, new GraphFailure.NoAnswer()))
                .isEqualTo(new Verdict.Wait(Optional.empty(), Optional.of(SENDING)));
    }

    @Test
    void unknownUserMayTurnUp() {
        GraphFailure unknown = problem("portal-user-unknown", 404);

        assertThat(Verdict.of(unknown, Optional.empty(), Optional.empty(), NOW, NOW.plusSeconds(1)))
                .isInstanceOf(Verdict.Wait.class);
        assertThat(Verdict.of(unknown, Optional.empty(), Optional.empty(), NOW, NOW))
                .isInstanceOf(Verdict.Reject.class);
    }

    @Test
    void refusalOfTheProxyIsRejected() {
        assertThat(after(new Step.PostingMessage(), problem("app-only-not-supported", 422)))
                .isEqualTo(new Verdict.Reject(Map.of("type", "app-only-not-supported")));
    }

    @Test
    void failedLookUpKeepsTheDoubt() {
        assertThat(Verdict.of(refused(503), Optional.empty(), Optional.of(SENDING), NOW, NOW))
                .isEqualTo(new Verdict.Wait(Optional.empty(), Optional.of(SENDING)));
    }
}
