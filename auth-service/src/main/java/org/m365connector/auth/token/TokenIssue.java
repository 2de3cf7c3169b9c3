package org.m365connector.auth.token;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jboss.logging.Logger;
import org.m365connector.auth.AuthProblem;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.account.Reasons;
import org.m365connector.auth.entra.EntraApp;
import org.m365connector.auth.entra.EntraClient;
import org.m365connector.auth.entra.EntraError;
import org.m365connector.auth.entra.EntraFailure;
import org.m365connector.auth.entra.Grant;
import org.m365connector.events.AccountState;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.LoginMode;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;

/**
 * Issues access tokens.
 *
 * <ol>
 *   <li>A token that lives long enough comes from memory, or from the database where another replica has renewed it.
 *   <li>Whoever asks while a renewal is under way waits for it: in this process by its future, in another by the lease row.
 *       So a thousand callers over all replicas cause one call to Entra.
 *   <li>No database lock is held while Entra is asked. The lease lives longer than the requests can take: a further one is begun
 *       only in its first half. Should its owner stall for longer all the same, the compare-and-set of the write lets only one
 *       win.
 *   <li>A process that dies between Entra's answer and the write loses nothing: the refresh token it used is still in the
 *       database and still good, for Entra does not revoke it by use. The one before is kept until the new one was used.
 *   <li>While renewing fails for a reason that may pass, a token that is still valid is served.
 *   <li>What Entra refuses for good is told once ({@link Refusals}) and not asked again; a registration that it does not
 *       accept is asked about now and then, not for each of its accounts ({@link AppPauses}).
 *   <li>A token of an older generation than the account has is not served.
 * </ol>
 */
public class TokenIssue {

    private static final Logger LOG = Logger.getLogger(TokenIssue.class);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
    private static final Duration PAUSE_AFTER_REFUSED_APP = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    /** Where the registration of an account is found. */
    public interface Apps {

        /** @throws ProblemException where there is no such registration, or it is a draft */
        LoginApp of(AccountKey key);
    }

    /** A registration as Entra is asked with it, and the scopes of its logins. */
    public record LoginApp(EntraApp app, String scopes) {}

    /** Hears what Entra refused for good, and how it takes the registration. */
    public interface Refusals {

        /** Returns false where it is of no more account, because the tokens are others meanwhile. */
        boolean refused(StoredRefusal refusal);

        /** The registration is not accepted. Heard no more often than Entra is asked. */
        default void misconfigured(AccountKey key) {}

        /** There are new tokens, and they are kept. */
        default void granted(AccountKey key, Grant.Granted tokens) {}
    }

    /**
     * What was read under a lease is refused.
     *
     * @param claims for the next login
     */
    record StoredRefusal(
            Lease lease,
            StoredTokens before,
            AccountState state,
            String reason,
            String code,
            Optional<String> claims) {}

    /** Knows whether tokens of a generation have lost their worth meanwhile. */
    public interface Generations {
        boolean outdated(AccountKey key, TokenAnswer.Issued token);
    }

    private record Flight(AccountKey key, Optional<String> claims) {}

    /** What is answered without asking Entra again until then: a refusal, or a token that is still valid. */
    private record Failure(TokenAnswer answer, Instant until) {}

    private final String owner;
    private final TokenStore store;
    private final EntraClient entra;
    private final Apps apps;
    private final Refusals refusals;
    private final Generations generations;
    private final TokenSettings settings;
    private final Executor background;
    private final Clock clock;
    private final Cache<AccountKey, TokenAnswer.Issued> warm;
    private final Cache<AccountKey, Failure> failures;
    /** Until when Entra is left alone with an account. */
    private final Cache<AccountKey, Instant> away;
    /** Challenges that were refused a moment ago. */
    private final Cache<Flight, TokenAnswer> refusedChallenges;

    private final AppPauses pauses;
    private final ConcurrentHashMap<Flight, CompletableFuture<TokenAnswer>> flights = new ConcurrentHashMap<>();

    /** @param owner name of this replica in the lease rows, another one for every start */
    public TokenIssue(
            String owner,
            TokenStore store,
            EntraClient entra,
            Apps apps,
            Refusals refusals,
            Generations generations,
            TokenSettings settings,
            Executor background,
            Clock clock) {
        this.owner = owner;
        this.store = store;
        this.entra = entra;
        this.apps = apps;
        this.refusals = refusals;
        this.generations = generations;
        this.settings = settings;
        this.background = background;
        this.clock = clock;
        this.warm = Caffeine.newBuilder()
                .maximumSize(settings.mostInMemory())
                .expireAfterWrite(Duration.ofHours(2))
                .build();
        this.failures = Caffeine.newBuilder()
                .maximumSize(settings.mostInMemory())
                .expireAfterWrite(LONGEST_PAUSE)
                .build();
        this.away = Caffeine.newBuilder()
                .maximumSize(settings.mostInMemory())
                .expireAfterWrite(LONGEST_PAUSE)
                .build();
        this.refusedChallenges = Caffeine.newBuilder()
                .maximumSize(settings.mostInMemory())
                .expireAfterWrite(PAUSE_AFTER_REFUSED_APP)
                .build();
        this.pauses = new AppPauses(settings.mostInMemory(), clock);
    }

    /**
     * @param minimumTtl life that the token must have left; a token's half life is always enough
     * @param claims a claims challenge that the token has to satisfy; a token from before is then not good enough
     */
    public TokenAnswer issue(AccountKey key, Duration minimumTtl, Optional<String> claims) {
        if (claims.isEmpty()) {
            TokenAnswer.Issued token = warm.getIfPresent(key);
            Instant now = clock.instant();
            if (token != null && token.lasts(minimumTtl, now) && !generations.outdated(key, token)) {
                if (token.agesSoon(now)) {
                    renewInBackground(key);
                }
                return token;
            }
            Optional<TokenAnswer> sameAsBefore = failedJustNow(key);
            if (sameAsBefore.isPresent()) {
                return sameAsBefore.get();
            }
        }
        Flight flight = new Flight(key, claims);
        Optional<TokenAnswer> tooEarly =
                claims.flatMap(challenge -> awayJustNow(key).or(() -> refusedJustNow(flight)));
        if (tooEarly.isPresent()) {
            return tooEarly.get();
        }
        return together(flight, minimumTtl);
    }

    /** Drops what memory has of an account. */
    public void forget(AccountKey key) {
        warm.invalidate(key);
        failures.invalidate(key);
        away.invalidate(key);
    }

    /** Drops every remembered failure of a registration: it has changed. */
    void forgetFailures(PortalId portal, RegistrationName registration) {
        Predicate<AccountKey> itsOwn =
                key -> key.portal().equals(portal) && key.registration().equals(registration);
        failures.asMap().keySet().removeIf(itsOwn);
        away.asMap().keySet().removeIf(itsOwn);
        refusedChallenges.asMap().keySet().removeIf(flight -> itsOwn.test(flight.key()));
        pauses.forget(portal, registration);
    }

    private Optional<TokenAnswer> failedJustNow(AccountKey key) {
        Failure failure = failures.getIfPresent(key);
        Instant now = clock.instant();
        if (failure == null || !now.isBefore(failure.until())) {
            return Optional.empty();
        }
        boolean dead = failure.answer() instanceof TokenAnswer.Issued token
                && (!now.isBefore(token.expiresAt()) || generations.outdated(key, token));
        return dead ? Optional.empty() : Optional.of(failure.answer());
    }

    /** A token from before is not good enough for a claims challenge, but the pause that Entra needs holds for these too. */
    private Optional<TokenAnswer> awayJustNow(AccountKey key) {
        return Optional.ofNullable(away.getIfPresent(key))
                .map(until -> Duration.between(clock.instant(), until))
                .filter(left -> !left.isNegative() && !left.isZero())
                .map(left -> unavailable(Optional.of(left)));
    }

    private Optional<TokenAnswer> refusedJustNow(Flight flight) {
        return Optional.ofNullable(refusedChallenges.getIfPresent(flight));
    }

    private void renewInBackground(AccountKey key) {
        if (!flights.containsKey(new Flight(key, Optional.empty()))
                && failedJustNow(key).isEmpty()) {
            background.execute(() -> {
                try {
                    together(new Flight(key, Optional.empty()), Duration.ofDays(1));
                } catch (RuntimeException e) {
                    LOG.warnf("Renewal ahead of time failed account=%s reason=%s", key, e.toString());
                }
            });
        }
    }

    /** The first caller renews, the others wait for him. */
    private TokenAnswer together(Flight flight, Duration minimumTtl) {
        var mine = new CompletableFuture<TokenAnswer>();
        CompletableFuture<TokenAnswer> running = flights.putIfAbsent(flight, mine);
        if (running != null) {
            return await(running);
        }
        try {
            TokenAnswer answer = renew(flight.key(), minimumTtl, flight.claims());
            mine.complete(answer);
            return answer;
        } catch (RuntimeException | Error e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            flights.remove(flight, mine);
        }
    }

    private TokenAnswer await(CompletableFuture<TokenAnswer> running) {
        try {
            return running.get(settings.patience().plus(settings.lease()).toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return unavailable(Optional.empty());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ProblemException problem) {
                throw problem;
            }
            throw new IllegalStateException("the renewal that was waited for failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return unavailable(Optional.empty());
        }
    }

    private TokenAnswer renew(AccountKey key, Duration minimumTtl, Optional<String> claims) {
        Instant deadline = clock.instant().plus(settings.patience());
        var tried = new Tried();
        long revisionAtFirst = -1;
        while (true) {
            Optional<StoredTokens> found = store.read(key);
            if (found.isEmpty()) {
                return unknown(key);
            }
            StoredTokens stored = found.get();
            revisionAtFirst = revisionAtFirst < 0 ? stored.revision() : revisionAtFirst;
            Optional<TokenAnswer> known = withoutEntra(stored, minimumTtl, claims, revisionAtFirst);
            if (known.isPresent()) {
                return known.get();
            }
            Optional<Lease> lease = store.tryLease(stored.accountId(), owner, settings.lease());
            if (lease.isPresent()) {
                try {
                    Optional<TokenAnswer> answer =
                            underLease(lease.get(), key, minimumTtl, claims, revisionAtFirst, tried);
                    if (answer.isPresent()) {
                        return answer.get();
                    }
                } finally {
                    store.release(lease.get());
                }
            }
            if (clock.instant().isAfter(deadline)) {
                return instead(stored, claims, unavailable(Optional.empty()));
            }
            pause();
        }
    }

    /** The answer, where it takes no call to Entra. */
    private Optional<TokenAnswer> withoutEntra(
            StoredTokens stored, Duration minimumTtl, Optional<String> claims, long revisionAtFirst) {
        if (stored.state() != AccountState.READY) {
            return Optional.of(refusalOf(stored));
        }
        boolean newEnough = claims.isEmpty() || stored.revision() > revisionAtFirst;
        return stored.access()
                .filter(token -> newEnough && token.lasts(minimumTtl, clock.instant()))
                .map(token -> remember(stored.key(), token))
                .or(() -> pauses.of(stored.key())
                        .map(answer -> stillValid(stored, claims).orElse(answer)));
    }

    /** Empty where something has happened meanwhile, so that it is best to look again. */
    private Optional<TokenAnswer> underLease(
            Lease lease,
            AccountKey key,
            Duration minimumTtl,
            Optional<String> claims,
            long revisionAtFirst,
            Tried tried) {
        Optional<StoredTokens> found = store.read(key);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        StoredTokens stored = found.get();
        Optional<TokenAnswer> known = withoutEntra(stored, minimumTtl, claims, revisionAtFirst);
        if (known.isPresent()) {
            return known;
        }
        LoginApp app = apps.of(key);
        if (key.account().loginMode() == LoginMode.SERVICE) {
            return write(lease, stored, Optional.empty(), entra.clientCredentials(app.app(), claims), claims);
        }
        List<String> refreshTokens = new ArrayList<>();
        stored.refreshToken().ifPresent(refreshTokens::add);
        stored.previousRefreshToken().ifPresent(refreshTokens::add);
        if (refreshTokens.isEmpty()) {
            return refuse(lease, stored, AccountState.NEEDS_LOGIN, Reasons.LOGIN_REQUIRED, "no refresh token", claims);
        }
        return refresh(lease, stored, app, refreshTokens, claims, tried);
    }

    /** A way to renew. The reduced ones ask for what was granted before, where nobody has consented to what was added since. */
    private record Way(String refreshToken, String scopes, boolean reduced) {

        @Override
        public String toString() {
            return "Way[scopes=" + scopes + ", reduced=" + reduced + "]";
        }
    }

    /** The ways that Entra has refused during one renewal: its next lease goes on where the one before has ended. */
    private static final class Tried {

        private final Map<Way, Grant> refused = new HashMap<>();
        private long revision = -1;

        /** Forgets everything where the tokens are others than before. */
        void at(long storedRevision) {
            if (revision != storedRevision) {
                refused.clear();
                revision = storedRevision;
            }
        }
    }

    private static List<Way> ways(LoginApp app, StoredTokens stored, List<String> refreshTokens) {
        boolean otherScopes =
                stored.grantedScopes().filter(old -> !old.equals(app.scopes())).isPresent();
        List<Way> ways = new ArrayList<>();
        for (String refreshToken : refreshTokens) {
            ways.add(new Way(refreshToken, app.scopes(), false));
            if (otherScopes) {
                ways.add(new Way(refreshToken, renewable(stored), true));
            }
        }
        return ways;
    }

    /** One way after the other, as long as Entra wants somebody to sign in. */
    private Optional<TokenAnswer> refresh(
            Lease lease,
            StoredTokens stored,
            LoginApp app,
            List<String> refreshTokens,
            Optional<String> claims,
            Tried tried) {
        tried.at(stored.revision());
        long halfTime = System.nanoTime() + settings.lease().toNanos() / 2;
        String newest = refreshTokens.get(0);
        boolean asked = false;
        Optional<Grant> before = Optional.empty();
        Optional<Grant> refusal = Optional.empty();
        for (Way way : ways(app, stored, refreshTokens)) {
            if (way.reduced() && before.filter(TokenIssue::lacksConsent).isEmpty()) {
                continue;
            }
            Grant grant = tried.refused.get(way);
            if (grant == null) {
                if (asked && System.nanoTime() - halfTime > 0) {
                    // There may be a way to renew all the same, but no time left for it under this lease.
                    return Optional.empty();
                }
                asked = true;
                grant = entra.refresh(app.app(), way.refreshToken(), way.scopes(), stored.publicClient(), claims);
                if (!isNeedsLogin(grant)) {
                    tellWhatWasUnusual(stored, grant, way, newest);
                    return write(lease, stored, Optional.of(way.refreshToken()), grant, claims);
                }
                tried.refused.put(way, grant);
            }
            before = Optional.of(grant);
            refusal = way.refreshToken().equals(newest) ? before : refusal;
        }
        return write(lease, stored, Optional.of(newest), refusal.orElseThrow(), claims);
    }

    private static void tellWhatWasUnusual(StoredTokens stored, Grant grant, Way way, String newest) {
        if (!(grant instanceof Grant.Granted)) {
            return;
        }
        if (way.reduced()) {
            LOG.infof("Consent is missing for a part, renewed with what was granted before account=%s", stored.key());
        }
        if (!way.refreshToken().equals(newest)) {
            LOG.warnf("The refresh token before the last had to be used account=%s", stored.key());
        }
    }

    private Optional<TokenAnswer> write(
            Lease lease, StoredTokens stored, Optional<String> used, Grant grant, Optional<String> claims) {
        if (grant instanceof Grant.Granted granted) {
            Instant now = clock.instant();
            if (!store.write(lease, stored, used, granted)) {
                LOG.infof("Renewed tokens dropped, the account has changed meanwhile account=%s", stored.key());
                return Optional.empty();
            }
            failures.invalidate(stored.key());
            away.invalidate(stored.key());
            pauses.over(stored.key());
            tell(stored.key(), () -> refusals.granted(stored.key(), granted));
            return Optional.of(remember(
                    stored.key(),
                    new TokenAnswer.Issued(
                            granted.accessToken(), now, now.plus(granted.expiresIn()), stored.generation())));
        }
        return onRefusal(lease, stored, ((Grant.Refused) grant).error(), claims);
    }

    private Optional<TokenAnswer> onRefusal(
            Lease lease, StoredTokens stored, EntraError error, Optional<String> claims) {
        boolean service = stored.key().account().loginMode() == LoginMode.SERVICE;
        EntraFailure failure = error.failure();
        if (failure instanceof EntraFailure.Transient transientFailure) {
            LOG.warnf("Entra cannot renew now account=%s code=%s", stored.key(), error.code());
            Duration pause = longer(transientFailure.retryAfter().orElse(PAUSE_AFTER_FAILURE), PAUSE_AFTER_FAILURE);
            if (error.status() == 429) {
                // The app is throttled in its tenant, not this account.
                pauses.throttled(stored.key(), shorter(pause, LONGEST_PAUSE));
            }
            return Optional.of(failed(stored, claims, AuthProblem.ENTRA_UNAVAILABLE, pause, true));
        }
        if (failure instanceof EntraFailure.Configuration configuration) {
            LOG.errorf("Entra does not accept the registration account=%s code=%s", stored.key(), error.code());
            if (configuration.credential()) {
                // Which credential is worth asking with again, and when, is for the client of Entra to know.
                return Optional.of(
                        failed(stored, claims, AuthProblem.CREDENTIAL_EXPIRED, PAUSE_AFTER_REFUSED_APP, false));
            }
            AuthProblem problem = AuthProblem.REGISTRATION_MISCONFIGURED;
            // What was wrong with one challenge, or with what one person may give, says nothing of the registration.
            boolean forAll = claims.isEmpty() && (service || isRefusedToEverybody(stored, error));
            if (!forAll) {
                return Optional.of(failed(stored, claims, problem, PAUSE_AFTER_REFUSED_APP, false));
            }
            tell(stored.key(), () -> refusals.misconfigured(stored.key()));
            Duration pause = pauses.refused(stored.key(), problem);
            return Optional.of(failed(stored, claims, problem, pause, false));
        }
        if (service) {
            // There is nobody who could sign in for the app.
            LOG.errorf("Entra gives the app no token account=%s code=%s", stored.key(), error.code());
            AuthProblem problem = AuthProblem.REGISTRATION_MISCONFIGURED;
            return Optional.of(failed(stored, claims, problem, PAUSE_AFTER_REFUSED_APP, false));
        }
        if (failure instanceof EntraFailure.NeedsLogin needsLogin) {
            String reason = needsLogin.consent() ? Reasons.CONSENT_REQUIRED : Reasons.LOGIN_REQUIRED;
            return refuse(
                    lease,
                    stored,
                    AccountState.NEEDS_LOGIN,
                    reason,
                    error.code(),
                    needsLogin.claims().or(() -> claims));
        }
        return refuse(lease, stored, AccountState.BLOCKED, Reasons.ACCOUNT_BLOCKED, error.code(), Optional.empty());
    }

    /** An app for both kinds of account may be refused to one of them only. */
    private boolean isRefusedToEverybody(StoredTokens stored, EntraError error) {
        return error.error().equals("unauthorized_client")
                && apps.of(stored.key()).app().accountTypes() != AccountTypes.BOTH;
    }

    /** Empty where the account has other tokens by now: those that were refused are none of its any more. */
    private Optional<TokenAnswer> refuse(
            Lease lease, StoredTokens stored, AccountState state, String reason, String code, Optional<String> claims) {
        warm.invalidate(stored.key());
        if (!refusals.refused(new StoredRefusal(lease, stored, state, reason, code, claims))) {
            LOG.infof("Refusal dropped, the account has changed meanwhile account=%s code=%s", stored.key(), code);
            return Optional.empty();
        }
        return Optional.of(refusal(state, reason));
    }

    /** What Entra answered must not get lost because somebody cannot be told; the next answer is told again. */
    private static void tell(AccountKey key, Runnable news) {
        try {
            news.run();
        } catch (RuntimeException e) {
            LOG.warnf("Entra's answer cannot be told account=%s reason=%s", key, e.toString());
        }
    }

    private static boolean lacksConsent(Grant grant) {
        return grant instanceof Grant.Refused refused
                && refused.error().failure() instanceof EntraFailure.NeedsLogin needsLogin
                && needsLogin.consent();
    }

    /** Entra never tells offline_access among the granted, yet gives a refresh token only where it is asked for. */
    private static String renewable(StoredTokens stored) {
        return stored.grantedScopes().orElseThrow() + " offline_access";
    }

    private static boolean isNeedsLogin(Grant grant) {
        return grant instanceof Grant.Refused refused && refused.error().failure() instanceof EntraFailure.NeedsLogin;
    }

    private Optional<TokenAnswer> stillValid(StoredTokens stored, Optional<String> claims) {
        return claims.isPresent()
                ? Optional.empty()
                : stored.access()
                        .filter(token -> clock.instant().isBefore(token.expiresAt()))
                        .map(TokenAnswer.class::cast);
    }

    /** What is still valid; while Entra was asked, somebody may have signed out. */
    private TokenAnswer instead(StoredTokens stored, Optional<String> claims, TokenAnswer refused) {
        Optional<StoredTokens> now = store.read(stored.key());
        if (now.isEmpty()) {
            return unknown(stored.key());
        }
        return now.get().state() == AccountState.READY
                ? stillValid(now.get(), claims).orElse(refused)
                : refusalOf(now.get());
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** Serves what is still valid, else says what is wrong; Entra is not asked again before the pause is over. */
    private TokenAnswer failed(
            StoredTokens stored, Optional<String> claims, AuthProblem problem, Duration pause, boolean tellWhen) {
        Duration bounded = shorter(pause, LONGEST_PAUSE);
        TokenAnswer answer = instead(
                stored, claims, new TokenAnswer.Refused(problem, tellWhen ? Optional.of(bounded) : Optional.empty()));
        if (problem == AuthProblem.ENTRA_UNAVAILABLE) {
            away.put(stored.key(), clock.instant().plus(bounded));
        }
        if (claims.isEmpty()) {
            failures.put(stored.key(), new Failure(answer, clock.instant().plus(bounded)));
        } else if (problem != AuthProblem.CREDENTIAL_EXPIRED) {
            // Of credentials it is known already which are worth asking with.
            refusedChallenges.put(new Flight(stored.key(), claims), answer);
        }
        return answer;
    }

    private TokenAnswer remember(AccountKey key, TokenAnswer.Issued token) {
        warm.put(key, token);
        return token;
    }

    private TokenAnswer unknown(AccountKey key) {
        // Says what is wrong where the registration does not exist or is a draft.
        apps.of(key);
        return TokenAnswer.Refused.of(
                switch (key.account().loginMode()) {
                    case BROWSER -> AuthProblem.LOGIN_REQUIRED;
                    case STATIC -> AuthProblem.ACCOUNT_UNKNOWN;
                    case SERVICE -> AuthProblem.REGISTRATION_MISCONFIGURED;
                });
    }

    private static TokenAnswer refusalOf(StoredTokens stored) {
        return refusal(stored.state(), stored.reason());
    }

    private static TokenAnswer refusal(AccountState state, String reason) {
        if (state == AccountState.BLOCKED) {
            return TokenAnswer.Refused.of(AuthProblem.ACCOUNT_BLOCKED);
        }
        return TokenAnswer.Refused.of(
                Reasons.CONSENT_REQUIRED.equals(reason) ? AuthProblem.CONSENT_REQUIRED : AuthProblem.LOGIN_REQUIRED);
    }

    private static TokenAnswer unavailable(Optional<Duration> retryAfter) {
        return new TokenAnswer.Refused(
                AuthProblem.ENTRA_UNAVAILABLE, retryAfter.or(() -> Optional.of(PAUSE_AFTER_FAILURE)));
    }

    private void pause() {
        try {
            Thread.sleep(settings.poll().toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a token", e);
        }
    }
}
