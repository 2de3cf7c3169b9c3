package org.m365connector.auth.token;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.m365connector.auth.AuthProblem;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * Registrations that Entra is left alone with for a while, for all of their accounts: it throttles the app, and has said for how
 * long; or it does not accept the app as it is, because it was disabled or deleted, and is asked again after a pause that doubles
 * each time. Refused credentials are not among them: of these each has a pause of its own.
 */
final class AppPauses {

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    /** Another replica or Entra's administrator may have repaired it, and only asking shows that. */
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private static final Duration LONGEST_KEPT = Duration.ofMinutes(10);

    private record Registration(PortalId portal, RegistrationName name) {
        static Registration of(AccountKey key) {
            return new Registration(key.portal(), key.registration());
        }
    }

    private record Pause(AuthProblem problem, Duration pause, Instant until) {

        boolean throttles() {
            return problem == AuthProblem.ENTRA_UNAVAILABLE;
        }

        TokenAnswer answer(Instant now) {
            return throttles()
                    ? new TokenAnswer.Refused(problem, Optional.of(Duration.between(now, until)))
                    : TokenAnswer.Refused.of(problem);
        }
    }

    private final Cache<Registration, Pause> known;
    private final Clock clock;

    AppPauses(long most, Clock clock) {
        this.known = Caffeine.newBuilder()
                .maximumSize(most)
                .expireAfterWrite(LONGEST_KEPT)
                .build();
        this.clock = clock;
    }

    /** What is wrong with the account's registration, where it is too early to ask again. */
    Optional<TokenAnswer> of(AccountKey key) {
        Instant now = clock.instant();
        return Optional.ofNullable(known.getIfPresent(Registration.of(key)))
                .filter(pause -> now.isBefore(pause.until()))
                .map(pause -> pause.answer(now));
    }

    /** Entra wants to be left alone with this app for so long. */
    void throttled(AccountKey key, Duration pause) {
        Instant until = clock.instant().plus(pause);
        Pause throttled = new Pause(AuthProblem.ENTRA_UNAVAILABLE, FIRST_PAUSE, until);
        known.asMap()
                .merge(
                        Registration.of(key),
                        throttled,
                        (before, now) -> before.throttles() && before.until().isAfter(until) ? before : now);
    }

    /** Entra was asked and did not accept the registration. Returns how long it is left alone now. */
    Duration refused(AccountKey key, AuthProblem problem) {
        Instant now = clock.instant();
        return known.asMap()
                .compute(Registration.of(key), (registration, before) -> {
                    Duration pause = before == null ? FIRST_PAUSE : longer(before.pause());
                    return new Pause(problem, pause, now.plus(pause));
                })
                .pause();
    }

    /** Entra accepts the registration. What it throttles stays throttled: this answer may have been on its way before. */
    void over(AccountKey key) {
        known.asMap().computeIfPresent(Registration.of(key), (registration, pause) -> pause.throttles() ? pause : null);
    }

    /** It has changed. */
    void forget(PortalId portal, RegistrationName name) {
        known.invalidate(new Registration(portal, name));
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }
}
