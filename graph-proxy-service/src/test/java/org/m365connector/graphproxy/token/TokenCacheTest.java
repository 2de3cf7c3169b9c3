package org.m365connector.graphproxy.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.m365connector.capability.Narrowed;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.graphproxy.account.ActingAccount;
import org.m365connector.problem.ProblemException;

class TokenCacheTest {

    private static final PortalId DEMO = new PortalId("demo");
    private static final RegistrationName MAIN = new RegistrationName("Main");
    private static final AccountId BEN = new AccountId("user:BEN");
    private static final Optional<String> NONE = Optional.empty();
    private static final Optional<String> CLAIMS = Optional.of("{\"access_token\":{}}");

    private final MovableClock clock = new MovableClock();
    private final Issuer issuer = new Issuer();
    private final TokenCache cache = new TokenCache(issuer, clock, Duration.ofMinutes(2), Duration.ofMinutes(5));
    private final ActingAccount ben = account(AccountState.READY, 1);

    @Test
    void manyCallersForOneTokenAskOnce() {
        List<Future<Token>> waiting = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            waiting.add(cache.token(ben, NONE));
        }
        issuer.answer(0, token("a", 3600, 1));

        assertThat(issuer.questions).hasSize(1);
        assertThat(waiting)
                .allSatisfy(future -> assertThat(future.result().value()).isEqualTo("a"));
    }

    @Test
    void keptTokenServesWithoutAsking() {
        warm("a", 3600, 1);

        assertThat(cache.token(ben, NONE).result().value()).isEqualTo("a");
        assertThat(issuer.questions).hasSize(1);
    }

    @Test
    void accountsDoNotShareTokens() {
        warm("a", 3600, 1);

        Future<Token> other = cache.token(account(new AccountId("user:ben"), AccountState.READY, 1), NONE);

        assertThat(other.isComplete()).isFalse();
        assertThat(issuer.questions).hasSize(2);
    }

    @Test
    void tokenIsRenewedAheadWhileTheOldOneServes() {
        warm("a", 3600, 1);
        clock.advance(Duration.ofMinutes(56));

        assertThat(cache.token(ben, NONE).result().value()).isEqualTo("a");
        assertThat(cache.token(ben, NONE).result().value()).isEqualTo("a");
        assertThat(issuer.questions).hasSize(2);
        assertThat(issuer.questions.get(1).minimumTtl()).isGreaterThan(Duration.ofMinutes(4));

        issuer.answer(1, token("b", 3600, 1));
        assertThat(cache.token(ben, NONE).result().value()).isEqualTo("b");
    }

    @Test
    void renewalThatFailsIsTriedAgainAfterAWhile() {
        warm("a", 3600, 1);
        clock.advance(Duration.ofMinutes(56));
        cache.token(ben, NONE);
        issuer.fail(1);

        assertThat(cache.token(ben, NONE).result().value()).isEqualTo("a");
        assertThat(issuer.questions).hasSize(2);
        clock.advance(Duration.ofSeconds(6));
        assertThat(cache.token(ben, NONE).result().value()).isEqualTo("a");
        assertThat(issuer.questions).hasSize(3);
    }

    @Test
    void shortLivedTokensAreRenewedInTheirLastQuarter() {
        warm("a", 30, 1);
        clock.advance(Duration.ofSeconds(20));
        cache.token(ben, NONE);
        assertThat(issuer.questions).hasSize(1);

        clock.advance(Duration.ofSeconds(4));
        cache.token(ben, NONE);
        assertThat(issuer.questions).hasSize(2);
    }

    @Test
    void expiredTokenIsNotUsed() {
        warm("a", 3600, 1);
        clock.advance(Duration.ofMinutes(60));

        assertThat(cache.token(ben, NONE).isComplete()).isFalse();
        assertThat(issuer.questions).hasSize(2);
    }

    @Test
    void newerGenerationMakesTheTokenWorthless() {
        warm("a", 3600, 1);

        Future<Token> next = cache.token(account(AccountState.READY, 2), NONE);

        assertThat(next.isComplete()).isFalse();
        issuer.answer(1, token("b", 3600, 2));
        assertThat(next.result().value()).isEqualTo("b");
    }

    @Test
    void accountThatIsNotReadyUsesNoTokenFromBefore() {
        warm("a", 3600, 1);

        Future<Token> next = cache.token(account(AccountState.NEEDS_LOGIN, 1), NONE);

        assertThat(next.isComplete()).isFalse();
    }

    @Test
    void answerOfAnOlderGenerationIsHandedToNobodyWhoKnowsBetter() {
        Future<Token> before = cache.token(ben, NONE);
        Future<Token> after = cache.token(account(AccountState.READY, 2), NONE);
        Future<Token> replaced = cache.replacement(account(AccountState.READY, 2), token("r", 3600, 1), NONE, NONE);
        issuer.answer(0, token("a", 3600, 1));

        assertThat(before.result().value()).isEqualTo("a");
        assertThat(List.of(after, replaced)).allSatisfy(future -> assertThat(future.cause())
                .isInstanceOfSatisfying(ProblemException.class, problem -> assertThat(problem.type())
                        .isEqualTo(ProxyProblem.AUTH_UNAVAILABLE)));
        assertThat(issuer.questions).hasSize(1);
    }

    @Test
    void newsOfAFreshLoginMayComeAfterItsToken() {
        ActingAccount stale = account(AccountState.NEEDS_LOGIN, 1);
        cache.token(stale, NONE);
        issuer.answer(0, token("b", 3600, 2));

        assertThat(cache.token(stale, NONE).result().value()).isEqualTo("b");
    }

    @Test
    void whatIsDroppedStaysDroppedThoughItsAnswerComesLater() {
        Future<Token> waiting = cache.token(ben, NONE);
        cache.drop(ben.key());
        issuer.answer(0, token("a", 3600, 1));

        assertThat(waiting.result().value()).isEqualTo("a");
        assertThat(cache.token(ben, NONE).isComplete()).isFalse();
        assertThat(issuer.questions).hasSize(2);
    }

    @Test
    void registrationTakesItsTokensAlong() {
        warm("a", 3600, 1);
        cache.dropAll("demo/Mai/");
        assertThat(cache.token(ben, NONE).isComplete()).isTrue();

        cache.dropAll("demo/Main/");
        assertThat(cache.token(ben, NONE).isComplete()).isFalse();
    }

    @Test
    void failureReachesEverybodyAndIsNotKept() {
        Future<Token> first = cache.token(ben, NONE);
        Future<Token> second = cache.token(ben, NONE);
        issuer.fail(0);

        assertThat(first.failed()).isTrue();
        assertThat(second.failed()).isTrue();
        cache.token(ben, NONE);
        assertThat(issuer.questions).hasSize(2);
    }

    @Test
    void refusedTokenIsReplacedOnceForAllWhoHadIt() {
        Token refused = warm("a", 3600, 1);

        Future<Token> first = cache.replacement(ben, refused, NONE, NONE);
        Future<Token> second = cache.replacement(ben, refused, NONE, NONE);
        issuer.answer(1, token("b", 3600, 1));
        Future<Token> third = cache.replacement(ben, refused, NONE, NONE);

        assertThat(issuer.questions).hasSize(2);
        assertThat(issuer.questions.get(1).minimumTtl()).isGreaterThan(Duration.ofHours(1));
        assertThat(List.of(first, second, third))
                .allSatisfy(future -> assertThat(future.result().value()).isEqualTo("b"));
    }

    @Test
    void endlessRefusalsDoNotBecomeEndlessQuestions() {
        Token refused = warm("a", 3600, 1);
        cache.replacement(ben, refused, NONE, NONE);
        issuer.answer(1, token("b", 3600, 1));

        Future<Token> again = cache.replacement(ben, token("b", 3600, 1), NONE, NONE);

        assertThat(again.result().value()).isEqualTo("b");
        assertThat(issuer.questions).hasSize(2);
        clock.advance(TokenCache.FORCED_AT_MOST_EVERY);
        assertThat(cache.replacement(ben, token("b", 3600, 1), NONE, NONE).isComplete())
                .isFalse();
    }

    @Test
    void claimsAreHandedOn() {
        Token refused = warm("a", 3600, 1);

        cache.replacement(ben, refused, Optional.of("{\"access_token\":{}}"), NONE);

        assertThat(issuer.questions.get(1).claims()).hasValue("{\"access_token\":{}}");
    }

    @Test
    void callerWithClaimsDoesNotGetTheAnswerOfOneWithout() {
        Token refused = warm("a", 3600, 1);
        Future<Token> without = cache.replacement(ben, refused, NONE, NONE);

        Future<Token> with = cache.replacement(ben, refused, CLAIMS, NONE);
        Future<Token> withToo = cache.replacement(ben, refused, CLAIMS, NONE);
        issuer.answer(1, token("b", 3600, 1));
        issuer.answer(2, token("c", 3600, 1));

        assertThat(issuer.questions).hasSize(3);
        assertThat(without.result().value()).isEqualTo("b");
        assertThat(List.of(with, withToo))
                .allSatisfy(future -> assertThat(future.result().value()).isEqualTo("c"));
        assertThat(cache.token(ben, NONE).result().value()).isEqualTo("c");
    }

    @Test
    void renewalFromBeforeAChallengeDoesNotPushOutTheTokenWithClaims() {
        Token refused = warm("a", 3600, 1);
        clock.advance(Duration.ofMinutes(56));
        cache.token(ben, NONE);
        clock.advance(Duration.ofSeconds(1));
        cache.replacement(ben, refused, CLAIMS, NONE);

        issuer.answer(2, token("with-claims", 3600, 1));
        issuer.answer(1, token("without", 3600, 1));

        assertThat(cache.token(ben, NONE).result().value()).isEqualTo("with-claims");
    }

    @Test
    void whoeverComesWhileClaimsAreAskedForWaitsForThatTokenOrAsksAlone() {
        Token refused = warm("a", 3600, 1);
        cache.replacement(ben, refused, CLAIMS, NONE);

        Future<Token> waiting = cache.token(ben, NONE);
        assertThat(issuer.questions).hasSize(2);
        issuer.fail(1);
        assertThat(issuer.questions).hasSize(3);
        issuer.answer(2, token("b", 3600, 1));

        assertThat(waiting.result().value()).isEqualTo("b");
    }

    @Test
    void sameChallengeAgainDoesNotBecomeEndlessQuestions() {
        Token refused = warm("a", 3600, 1);
        cache.replacement(ben, refused, CLAIMS, NONE);
        Token second = token("b", 3600, 1);
        issuer.answer(1, second);

        assertThat(cache.replacement(ben, second, CLAIMS, NONE).result()).isEqualTo(second);
        assertThat(issuer.questions).hasSize(2);
        assertThat(cache.replacement(ben, second, Optional.of("{\"other\":{}}"), NONE)
                        .isComplete())
                .isFalse();
    }

    @Test
    void sourceThatThrowsFailsItsCallerAndBlocksNobodyElse() {
        issuer.broken = true;
        assertThat(cache.token(ben, NONE).failed()).isTrue();

        issuer.broken = false;
        Future<Token> next = cache.token(ben, NONE);
        issuer.answer(0, token("a", 3600, 1));

        assertThat(next.result().value()).isEqualTo("a");
    }

    @Test
    void tokenThatCannotBeKeptStillReachesItsCaller() {
        Future<Token> waiting = cache.token(ben, NONE);

        issuer.answer(0, new Token("a", Instant.MAX, 1));

        assertThat(waiting.isComplete()).isTrue();
        cache.token(ben, NONE);
        assertThat(waiting.result().value()).isEqualTo("a");
    }

    @Test
    void tokenOfAnAccountThatNobodyHeardOfServesForAMomentOnly() {
        ActingAccount unheardOf = new ActingAccount(DEMO, MAIN, BEN, Optional.empty(), List.of(), Narrowed.NOT);
        cache.token(unheardOf, NONE);
        issuer.answer(0, token("a", 3600, 1));

        clock.advance(Duration.ofMillis(1900));
        assertThat(cache.token(unheardOf, NONE).result().value()).isEqualTo("a");
        assertThat(issuer.questions).hasSize(1);

        clock.advance(Duration.ofMillis(100));
        assertThat(cache.token(unheardOf, NONE).isComplete()).isFalse();
        assertThat(issuer.questions).hasSize(2);
    }

    @Test
    void momentOfAnAccountThatNobodyHeardOfBeginsWithTheQuestion() {
        ActingAccount unheardOf = new ActingAccount(DEMO, MAIN, BEN, Optional.empty(), List.of(), Narrowed.NOT);
        Future<Token> waiting = cache.token(unheardOf, NONE);
        clock.advance(Duration.ofSeconds(3));
        issuer.answer(0, token("a", 3600, 1));

        assertThat(waiting.result().value()).isEqualTo("a");
        assertThat(cache.token(unheardOf, NONE).isComplete()).isFalse();
    }

    /** Many rounds, so that some thread stands between its look and the lock when the answer comes. */
    @Test
    void tokenThatComesWhileOthersAreOnTheirWayToAskIsNotAskedForAgain() throws Exception {
        int threads = 4;
        ExecutorService callers = Executors.newFixedThreadPool(threads);
        try {
            for (int round = 0; round < 3000; round++) {
                AtomicInteger asked = new AtomicInteger();
                TokenSource instant = question -> {
                    asked.incrementAndGet();
                    return Future.succeededFuture(token("a", 3600, 1));
                };
                TokenCache contended = new TokenCache(instant, clock, Duration.ofMinutes(2), Duration.ofMinutes(5));
                CyclicBarrier start = new CyclicBarrier(threads);
                Callable<Token> call = () -> {
                    start.await();
                    return contended
                            .token(ben, NONE)
                            .toCompletionStage()
                            .toCompletableFuture()
                            .get(10, TimeUnit.SECONDS);
                };
                for (java.util.concurrent.Future<Token> token : callers.invokeAll(Collections.nCopies(threads, call))) {
                    assertThat(token.get().value()).isEqualTo("a");
                }
                assertThat(asked).as("round %d", round).hasValue(1);
            }
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    void sweepForgetsWhatHasExpired() {
        warm("a", 3600, 1);
        cache.sweep();
        assertThat(cache.size()).isEqualTo(1);

        clock.advance(Duration.ofHours(2));
        cache.sweep();
        assertThat(cache.size()).isZero();
    }

    @Test
    void tokenDoesNotPrintItself() {
        assertThat(token("secret", 3600, 1).toString()).doesNotContain("secret");
    }

    private Token warm(String value, int seconds, long generation) {
        cache.token(ben, NONE);
        Token token = token(value, seconds, generation);
        issuer.answer(0, token);
        return token;
    }

    private Token token(String value, int seconds, long generation) {
        return new Token(value, clock.instant().plusSeconds(seconds), generation);
    }

    private static ActingAccount account(AccountState state, long generation) {
        return account(BEN, state, generation);
    }

    private static ActingAccount account(AccountId id, AccountState state, long generation) {
        AccountRecord record = new AccountRecord(
                DEMO,
                MAIN,
                id,
                1,
                state,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                generation);
        return new ActingAccount(DEMO, MAIN, id, Optional.of(record), List.of(), Narrowed.NOT);
    }

    /** Answers when it is told to. */
    private static final class Issuer implements TokenSource {
        private final List<TokenQuestion> questions = new ArrayList<>();
        private final List<Promise<Token>> answers = new ArrayList<>();
        private boolean broken;

        @Override
        public Future<Token> fetch(TokenQuestion question) {
            if (broken) {
                throw new IllegalStateException("broken");
            }
            questions.add(question);
            Promise<Token> answer = Promise.promise();
            answers.add(answer);
            return answer.future();
        }

        void answer(int question, Token token) {
            answers.get(question).complete(token);
        }

        void fail(int question) {
            answers.get(question).fail("away");
        }
    }

    private static final class MovableClock extends Clock {
        private Instant now = Instant.parse("2026-11-22T10:00:00Z");

        void advance(Duration duration) {
            now = now.plus(duration);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
