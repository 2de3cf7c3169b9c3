package org.m365connector.graphproxy.token;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.graphproxy.account.ActingAccount;
import org.m365connector.problem.ProblemException;

/**
 * Tokens by portal, registration and account.
 *
 * <ol>
 *   <li>However many calls wait for a token of an account, auth-service is asked once; once more for each claims challenge.
 *   <li>A token is renewed in the background before it expires; meanwhile the old one serves.
 *   <li>A token older than the account's generation is never used, even if nobody dropped it yet; an answer that was under way
 *       when the generation rose is handed to nobody who knows of that.
 *   <li>Of an account that we have not heard of (removed, or the news is still under way) a token serves for
 *       {@link #UNHEARD_OF}, so that who is removed is out though no generation says so.
 *   <li>What is dropped stays dropped: an answer that was under way reaches those who wait for it and is not kept.
 *   <li>A token that Graph refused is replaced; for the same challenge at most once in {@link #FORCED_AT_MOST_EVERY}, because
 *       some of Graph's 401 answers mean a missing permission and would come again.
 *   <li>Failures are not kept.
 * </ol>
 */
public final class TokenCache {

    /** A token is not used in the last moment before it expires. */
    static final Duration MARGIN = Duration.ofSeconds(2);

    static final Duration FORCED_AT_MOST_EVERY = Duration.ofSeconds(10);

    /** Counted from the question: whoever is removed after it was answered is out in time, however long the answer took. */
    static final Duration UNHEARD_OF = Duration.ofSeconds(2);

    private static final Optional<String> NO_CLAIMS = Optional.empty();
    private static final Duration AFTER_FAILED_REFRESH = Duration.ofSeconds(5);

    private final TokenSource source;
    private final Clock clock;
    private final Duration minimumTtl;
    private final Duration refreshAhead;
    private final Map<String, Slot> slots = new ConcurrentHashMap<>();

    /**
     * @param minimumTtl how long a fetched token has to live at least
     * @param refreshAhead how long before its end a token is renewed; for short-lived ones a quarter of their life
     */
    public TokenCache(TokenSource source, Clock clock, Duration minimumTtl, Duration refreshAhead) {
        this.source = source;
        this.clock = clock;
        this.minimumTtl = minimumTtl;
        this.refreshAhead = refreshAhead;
    }

    /** A token for the account. The future may complete on any thread. */
    public Future<Token> token(ActingAccount account, Optional<String> language) {
        Slot slot = slot(account);
        Instant now = clock.instant();
        Held held = slot.held;
        if (held == null || !held.usable(account, now)) {
            return handedTo(account, slot.first(account, now, language));
        }
        if (!now.isBefore(held.refreshAt)) {
            slot.renewAhead(account, held, now);
        }
        return Future.succeededFuture(held.token);
    }

    /**
     * Another token than the one that Graph refused, or the same where there is none to be had now.
     *
     * @param claims what Graph demands besides, as JSON text
     */
    public Future<Token> replacement(
            ActingAccount account, Token refused, Optional<String> claims, Optional<String> language) {
        return handedTo(account, slot(account).other(account, refused, claims, clock.instant(), language));
    }

    private static Future<Token> handedTo(ActingAccount account, Future<Token> answer) {
        return answer.compose(token ->
                account.accepts(token.generation()) ? Future.succeededFuture(token) : Future.failedFuture(outdated()));
    }

    /** auth-service answered before it knew what we know; asked again, it knows. */
    public static ProblemException outdated() {
        return new ProblemException(ProxyProblem.AUTH_UNAVAILABLE).withHeader("Retry-After", "1");
    }

    /** Forgets an account's token. */
    public void drop(String accountKey) {
        slots.remove(accountKey);
    }

    /** Forgets every token whose account's key begins so. */
    public void dropAll(String prefix) {
        slots.keySet().removeIf(key -> key.startsWith(prefix));
    }

    /** Forgets what has expired; to be called now and then. */
    public void sweep() {
        Instant now = clock.instant();
        slots.values().removeIf(slot -> slot.idle(now));
    }

    /** How many accounts have a token here, or wait for one. */
    public int size() {
        return slots.size();
    }

    private Slot slot(ActingAccount account) {
        String key = account.key();
        Slot slot = slots.get(key);
        return slot != null ? slot : slots.computeIfAbsent(key, absent -> new Slot());
    }

    private Duration longerThan(Token token, Instant now) {
        Duration longer = Duration.between(now, token.expiresAt()).plusSeconds(1);
        return longer.compareTo(minimumTtl) > 0 ? longer : minimumTtl;
    }

    private static TokenQuestion question(
            ActingAccount account, Duration ttl, Optional<String> claims, Optional<String> language) {
        return new TokenQuestion(account.portal(), account.registration(), account.id(), ttl, claims, language);
    }

    /**
     * @param claims with which it was asked for
     * @param askedAt when auth-service was asked for it
     */
    private record Held(Token token, Optional<String> claims, Instant askedAt, Instant refreshAt) {
        boolean usable(ActingAccount account, Instant now) {
            boolean heardOf = account.state().isPresent() || now.isBefore(askedAt.plus(UNHEARD_OF));
            return heardOf
                    && account.accepts(token.generation())
                    && now.isBefore(token.expiresAt().minus(MARGIN));
        }

        boolean answers(Optional<String> challenge) {
            return challenge.isEmpty() || challenge.equals(claims);
        }

        Held refreshAt(Instant later) {
            return new Held(token, claims, askedAt, later);
        }
    }

    /**
     * One account. What decides whether to ask, and that it was decided, stand under one lock; auth-service is asked outside it.
     */
    private final class Slot {
        /** Written under the lock, read without. */
        private volatile Held held;

        /** Questions under way, by their claims. */
        private final Map<Optional<String>, Future<Token>> flights = new HashMap<>();

        private Instant forcedAt;
        private Optional<String> forcedFor = NO_CLAIMS;

        Future<Token> first(ActingAccount account, Instant now, Optional<String> language) {
            Promise<Token> flight;
            synchronized (this) {
                // Another call's token may have come since we looked.
                if (held != null && held.usable(account, now)) {
                    return Future.succeededFuture(held.token);
                }
                Future<Token> underWay = flights.get(NO_CLAIMS);
                if (underWay != null) {
                    return underWay;
                }
                if (!flights.isEmpty()) {
                    // A token with claims serves as well; where it cannot be had, one without may.
                    return flights.values().iterator().next().recover(failure -> token(account, language));
                }
                flight = begin(NO_CLAIMS);
            }
            return ask(flight, question(account, minimumTtl, NO_CLAIMS, language), now);
        }

        Future<Token> other(
                ActingAccount account, Token refused, Optional<String> claims, Instant now, Optional<String> language) {
            Promise<Token> flight;
            synchronized (this) {
                boolean otherHeld = held != null && !held.token.value().equals(refused.value());
                if (otherHeld && held.usable(account, now) && held.answers(claims)) {
                    return Future.succeededFuture(held.token);
                }
                Future<Token> underWay = flights.get(claims);
                if (underWay != null) {
                    return underWay;
                }
                boolean tooSoon = forcedAt != null
                        && forcedFor.equals(claims)
                        && now.isBefore(forcedAt.plus(FORCED_AT_MOST_EVERY));
                if (tooSoon) {
                    return Future.succeededFuture(refused);
                }
                forcedAt = now;
                forcedFor = claims;
                held = null;
                flight = begin(claims);
            }
            return ask(flight, question(account, longerThan(refused, now), claims, language), now);
        }

        void renewAhead(ActingAccount account, Held old, Instant now) {
            Promise<Token> flight;
            synchronized (this) {
                if (!flights.isEmpty() || !old.equals(held)) {
                    return;
                }
                // Where renewing fails, the next call after a while tries again.
                held = old.refreshAt(now.plus(AFTER_FAILED_REFRESH));
                flight = begin(NO_CLAIMS);
            }
            ask(flight, question(account, longerThan(old.token, now), NO_CLAIMS, Optional.empty()), now);
        }

        synchronized boolean idle(Instant now) {
            return flights.isEmpty() && (held == null || !now.isBefore(held.token.expiresAt()));
        }

        /** To be called under the lock, and followed by {@link #ask}. */
        private Promise<Token> begin(Optional<String> claims) {
            Promise<Token> flight = Promise.promise();
            flights.put(claims, flight.future());
            return flight;
        }

        private Future<Token> ask(Promise<Token> flight, TokenQuestion question, Instant askedAt) {
            Future<Token> asked;
            try {
                asked = source.fetch(question);
            } catch (RuntimeException e) {
                asked = Future.failedFuture(e);
            }
            asked.onComplete(answer -> {
                try {
                    synchronized (this) {
                        flights.remove(question.claims());
                        if (answer.succeeded() && !outdated(question.claims(), askedAt)) {
                            Instant refreshAt = refreshAt(answer.result(), clock.instant());
                            held = new Held(answer.result(), question.claims(), askedAt, refreshAt);
                        }
                    }
                } finally {
                    flight.handle(answer);
                }
            });
            return flight.future();
        }

        /** Asked for before Graph demanded claims: it would be refused, and must not push out the token that has them. */
        private boolean outdated(Optional<String> claims, Instant askedAt) {
            return claims.isEmpty() && forcedFor.isPresent() && askedAt.isBefore(forcedAt);
        }
    }

    private Instant refreshAt(Token token, Instant now) {
        Duration quarter = Duration.between(now, token.expiresAt()).dividedBy(4);
        return token.expiresAt().minus(quarter.compareTo(refreshAhead) < 0 ? quarter : refreshAhead);
    }
}
