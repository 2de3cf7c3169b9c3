package org.m365connector.auth.entra;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What Entra thought of each credential when this process last asked with it.
 *
 * <ol>
 *   <li>Credentials are tried in the order that the registration has, except that one which was refused lately is left aside:
 *       it comes last for {@link CredentialSettings#pause}.
 *   <li>Not even last it comes for {@link CredentialSettings#retry}, so that Entra is not hammered where it accepts none.
 *   <li>What failed here, before Entra was asked, costs Entra nothing and is tried every time.
 *   <li>A verdict is news where the last one was another or is an hour old; so what another replica told gets put right.
 * </ol>
 */
final class CredentialVerdicts {

    private static final Duration OLD = Duration.ofHours(1);
    private static final int MOST = 10_000;

    /** Where an app was mistyped, its credentials were not to blame. */
    private record Key(String credentialId, String tenantId, String clientId) {

        static Key of(EntraApp app, ClientCredential credential) {
            return new Key(credential.id(), app.tenantId(), app.clientId());
        }
    }

    private record Verdict(Optional<EntraError> refusal, boolean local, Instant at, Instant toldAt) {

        boolean refusedByEntraWithin(Duration time, Instant now) {
            return refusal.isPresent() && !local && now.isBefore(at.plus(time));
        }
    }

    private final Duration pause;
    private final Duration retry;
    private final Clock clock;
    private final Cache<Key, Verdict> known =
            Caffeine.newBuilder().maximumSize(MOST).build();

    CredentialVerdicts(Duration pause, Duration retry, Clock clock) {
        this.pause = pause;
        this.retry = retry;
        this.clock = clock;
    }

    /** Those with which it is worth asking now, the most promising first. */
    List<ClientCredential> worthAsking(EntraApp app) {
        Instant now = clock.instant();
        return app.credentials().stream()
                .filter(credential -> !refusedWithin(retry, app, credential, now))
                .sorted(Comparator.comparing(credential -> refusedWithin(pause, app, credential, now)))
                .toList();
    }

    /** The answer where it is worth asking with none. */
    Optional<EntraError> lastRefusal(EntraApp app) {
        return app.credentials().stream()
                .map(credential -> known.getIfPresent(Key.of(app, credential)))
                .filter(verdict -> verdict != null && verdict.refusal().isPresent())
                .max(Comparator.comparing(Verdict::at))
                .flatMap(Verdict::refusal);
    }

    /** Says whether that is news. */
    boolean accepted(EntraApp app, ClientCredential credential) {
        return note(Key.of(app, credential), Optional.empty(), false);
    }

    /**
     * Says whether that is news.
     *
     * @param local Entra was not even asked
     */
    boolean refused(EntraApp app, ClientCredential credential, EntraError error, boolean local) {
        return note(Key.of(app, credential), Optional.of(error), local);
    }

    /** Nothing is known of them any more. */
    void forget(EntraApp app) {
        app.credentials().forEach(credential -> known.invalidate(Key.of(app, credential)));
    }

    /** Nobody could be told; whatever comes next is news. */
    void untold(EntraApp app, ClientCredential credential) {
        known.asMap()
                .computeIfPresent(
                        Key.of(app, credential),
                        (key, verdict) -> new Verdict(verdict.refusal(), verdict.local(), verdict.at(), Instant.EPOCH));
    }

    private boolean note(Key key, Optional<EntraError> refusal, boolean local) {
        Instant now = clock.instant();
        Verdict before = known.getIfPresent(key);
        boolean news = before == null
                || before.refusal().isPresent() != refusal.isPresent()
                || !now.isBefore(before.toldAt().plus(OLD));
        known.put(key, new Verdict(refusal, local, now, news ? now : before.toldAt()));
        return news;
    }

    private boolean refusedWithin(Duration time, EntraApp app, ClientCredential credential, Instant now) {
        Verdict verdict = known.getIfPresent(Key.of(app, credential));
        return verdict != null && verdict.refusedByEntraWithin(time, now);
    }
}
