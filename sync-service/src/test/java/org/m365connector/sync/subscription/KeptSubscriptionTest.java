package org.m365connector.sync.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class KeptSubscriptionTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final String DOOR = "https://here.example/notifications";
    private static final Instant LATER = NOW.plus(Duration.ofHours(1));

    private final KeptSubscription subscription = new KeptSubscription();

    private boolean alive(String id) {
        return subscription.alive(id, LATER, DOOR, LATER, NOW);
    }

    @Test
    void newOneMayHaveMissedChanges() {
        assertThat(alive("a")).isTrue();
        assertThat(alive("a")).isFalse();
        assertThat(alive("b")).isTrue();
    }

    @Test
    void oneThatWasMadeForAnotherAddressReportsElsewhereUntilItIsMadeAnew() {
        assertThat(subscription.reportsElsewhere(DOOR)).isFalse();
        alive("a");
        assertThat(subscription.reportsElsewhere(DOOR)).isFalse();
        assertThat(subscription.reportsElsewhere("https://there.example/notifications"))
                .isTrue();

        subscription.gone(NOW);

        assertThat(subscription.reportsElsewhere("https://there.example/notifications"))
                .isFalse();
    }

    @Test
    void renewalAfterAFailureMayHaveMissedChanges() {
        alive("a");
        subscription.failed("graph-refused 401", LATER);

        assertThat(alive("a")).isTrue();
        assertThat(alive("a")).isFalse();
    }

    @Test
    void oneThatMissesTooMuchIsMadeAnewAndThenNotReliedOnUntilNotificationsComeAgain() {
        alive("a");
        subscription.missed(3, NOW);
        subscription.missed(3, NOW);
        subscription.heard(true);
        subscription.missed(3, NOW);
        subscription.missed(3, NOW);
        assertThat(subscription.replacing()).isFalse();
        subscription.missed(3, NOW);
        assertThat(subscription.replacing()).isTrue();
        assertThat(subscription.missesTooMuch(3)).isTrue();

        subscription.gone(NOW);
        alive("b");
        assertThat(subscription.replacing()).isFalse();
        subscription.missed(3, NOW);
        subscription.missed(3, NOW);
        assertThat(subscription.distrusted()).isFalse();
        subscription.missed(3, NOW);
        assertThat(subscription.distrusted()).isTrue();

        subscription.heard(false);
        subscription.heard(true);
        assertThat(subscription.distrusted()).isTrue();
        subscription.heard(true);
        assertThat(subscription.distrusted()).isFalse();
        assertThat(subscription.missesTooMuch(3)).isFalse();
    }

    @Test
    void oneThatGraphDoesNotHaveMissesNothing() {
        for (int i = 0; i < 9; i++) {
            subscription.missed(3, NOW);
        }

        assertThat(subscription.missesTooMuch(3)).isFalse();
    }

    @Test
    void renewalThatGraphAskedForIsDueAtOnceAndCostsNoRound() {
        alive("a");
        Instant asked = NOW.plusSeconds(1);
        subscription.reauthorise(asked, asked.plusSeconds(2));

        assertThat(subscription.nextAttemptAt()).isEqualTo(asked.plusSeconds(2));
        assertThat(alive("a")).isFalse();
    }

    @Test
    void renewalThatGraphAskedForLongAgoMayHaveMissedChanges() {
        alive("a");
        subscription.reauthorise(NOW.plusSeconds(1), NOW.plus(Duration.ofHours(2)));

        assertThat(alive("a")).isTrue();
    }

    @Test
    void renewalThatGraphAskedForInVainMayHaveMissedChanges() {
        alive("a");
        subscription.reauthorise(NOW.plusSeconds(1), NOW.plusSeconds(2));
        subscription.failed("graph-refused 403", LATER);

        assertThat(alive("a")).isTrue();
    }

    @Test
    void whatGraphAskedForBeforeTheLastRenewalIsDone() {
        alive("a");
        subscription.reauthorise(NOW.minusSeconds(1), NOW.plusSeconds(1));

        assertThat(subscription.nextAttemptAt()).isEqualTo(LATER);
    }

    @Test
    void whatGraphSaysDoesNotHurryAFailingOne() {
        alive("a");
        subscription.failed("graph-refused 429", LATER);

        subscription.due(NOW);
        assertThat(subscription.nextAttemptAt()).isEqualTo(LATER);
        subscription.gone(NOW);
        assertThat(subscription.nextAttemptAt()).isEqualTo(LATER);
    }

    @Test
    void whoeverTakesOverBeginsAtOnce() {
        alive("a");
        subscription.failed("login-required", LATER);

        subscription.carriedBy("another", NOW);

        assertThat(subscription.nextAttemptAt()).isEqualTo(NOW);
        assertThat(subscription.graphId()).isEmpty();
    }
}
