package org.m365connector.graphproxy.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.events.ScopeThrottled;

class GovernorTest {

    private static final Limit FOUR_AT_ONCE = new Limit(4, Duration.ZERO);
    private static final Limit TWO_A_SECOND = new Limit(2, Duration.ofSeconds(1));

    private final FakeTime time = new FakeTime();
    private final Fleet fleet = new Fleet("me", Duration.ofSeconds(5));
    private final List<ScopeThrottled> told = new ArrayList<>();
    private final Governor governor = governor(100);

    private Governor governor(int queue) {
        return new Governor(
                "me",
                fleet,
                new Turns("me", time, time, event -> {}),
                new Governor.Patience(Duration.ofSeconds(5), Duration.ofSeconds(20), queue),
                time,
                time,
                told::add);
    }

    private static Demand mailbox(String oid) {
        String scope = "mailbox/" + oid;
        return demand(scope, new Need(scope + "/outlook#at-once", FOUR_AT_ONCE, 1, false));
    }

    private static Demand channel(String id) {
        String scope = "channel/" + id;
        return demand(scope, new Need(scope + "/channel", TWO_A_SECOND, 1, false));
    }

    private static Demand demand(String home, Need... needs) {
        List<Need> all = new ArrayList<>(List.of(needs));
        all.add(new Need(home, Limit.NONE, 1, true));
        return new Demand("app", List.of(home), all);
    }

    private static ThrottledException refusal(Future<Permit> future) {
        assertThat(future.failed()).isTrue();
        return (ThrottledException) future.cause();
    }

    @Test
    void fourAtOnceAndTheFifthGoesWhenOneHasEnded() {
        List<Future<Permit>> calls = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            calls.add(governor.ask(mailbox("ada"), Lane.INTERACTIVE));
        }
        assertThat(calls).filteredOn(Future::succeeded).hasSize(4);
        assertThat(governor.ask(mailbox("ben"), Lane.INTERACTIVE).succeeded()).isTrue();

        calls.get(1).result().release();
        calls.get(1).result().release();

        assertThat(calls).filteredOn(Future::succeeded).hasSize(5);
        assertThat(calls.get(4).succeeded()).isTrue();
    }

    @Test
    void whoWaitsTooLongIsToldWhenToComeBack() {
        for (int i = 0; i < 4; i++) {
            governor.ask(mailbox("ada"), Lane.INTERACTIVE);
        }
        Future<Permit> fifth = governor.ask(mailbox("ada"), Lane.INTERACTIVE);

        time.pass(4_999);
        assertThat(fifth.isComplete()).isFalse();
        time.pass(1);

        assertThat(refusal(fifth).scope()).isEqualTo("mailbox");
        assertThat(refusal(fifth).retryAfterSeconds()).isEqualTo(1);
        assertThat(governor.waiting()).isZero();
    }

    @Test
    void theQueueIsBounded() {
        Governor small = governor(3);
        for (int i = 0; i < 7; i++) {
            small.ask(mailbox("ada"), Lane.INTERACTIVE);
        }
        assertThat(refusal(small.ask(mailbox("ada"), Lane.INTERACTIVE)).scope()).isEqualTo("mailbox");
        assertThat(small.waiting()).isEqualTo(3);
    }

    @Test
    void callsInATimeWaitForTheirTimeAndKeepTheirOrder() {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int number = i;
            governor.ask(channel("c"), Lane.INTERACTIVE).onSuccess(permit -> order.add(number));
        }
        assertThat(order).containsExactly(0, 1);
        time.pass(1_060);
        assertThat(order).containsExactly(0, 1, 2, 3);
        time.pass(1_060);
        assertThat(order).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void whatCannotBeInTimeIsRefusedAtOnceWithTheWholeWait() {
        Demand daily = demand("tenant/t/x", new Need("tenant/t/x/row", new Limit(1, Duration.ofSeconds(60)), 1, false));
        assertThat(governor.ask(daily, Lane.INTERACTIVE).succeeded()).isTrue();

        ThrottledException refusal = refusal(governor.ask(daily, Lane.INTERACTIVE));

        assertThat(refusal.scope()).isEqualTo("tenant");
        assertThat(refusal.retryAfterSeconds()).isBetween(61L, 65L);
    }

    @Test
    void interactiveCallsGoFirstAndTheBackgroundIsNotForgotten() {
        List<Permit> inside = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            inside.add(governor.ask(mailbox("ada"), Lane.SYNC).result());
        }
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            governor.ask(mailbox("ada"), Lane.SYNC).onSuccess(permit -> enter(order, "sync", permit, inside));
        }
        for (int i = 0; i < 20; i++) {
            governor.ask(mailbox("ada"), Lane.INTERACTIVE)
                    .onSuccess(permit -> enter(order, "interactive", permit, inside));
        }
        while (order.size() < 23) {
            inside.remove(0).release();
        }
        assertThat(order.subList(0, 7)).containsOnly("interactive");
        assertThat(order.subList(0, 16)).filteredOn("sync"::equals).hasSize(2);
    }

    private static void enter(List<String> order, String lane, Permit permit, List<Permit> inside) {
        order.add(lane);
        inside.add(permit);
    }

    @Test
    void nobodyOvertakesWhoWaits() {
        for (int i = 0; i < 4; i++) {
            governor.ask(mailbox("ada"), Lane.INTERACTIVE);
        }
        Future<Permit> waiting = governor.ask(mailbox("ada"), Lane.INTERACTIVE);
        Future<Permit> later = governor.ask(mailbox("ada"), Lane.SYNC);
        assertThat(waiting.isComplete()).isFalse();
        assertThat(later.isComplete()).isFalse();
    }

    @Test
    void noCallTakesSomethingWhileItWaitsForSomethingElse() {
        Demand both = demand(
                "channel/c",
                new Need("channel/c/channel", TWO_A_SECOND, 1, false),
                new Need("user/u/posting", new Limit(1, Duration.ofSeconds(3)), 1, false));
        assertThat(governor.ask(both, Lane.INTERACTIVE).succeeded()).isTrue();
        Future<Permit> waitsForItsUser = governor.ask(both, Lane.INTERACTIVE);
        assertThat(waitsForItsUser.isComplete()).isFalse();

        assertThat(governor.ask(channel("c"), Lane.INTERACTIVE).succeeded()).isTrue();
        time.pass(3_300);
        assertThat(waitsForItsUser.succeeded()).isTrue();
    }

    @Test
    void after429NobodyBeginsBeforeItsEnd() {
        Permit permit = governor.ask(mailbox("ada"), Lane.INTERACTIVE).result();
        Permit connecting = governor.ask(mailbox("ada"), Lane.INTERACTIVE).result();

        assertThat(permit.throttled(0, Optional.of(Duration.ofSeconds(3)))).isEqualTo(Duration.ofSeconds(3));
        permit.release();

        assertThat(connecting.stillOpen()).isFalse();
        Future<Permit> waits = governor.ask(mailbox("ada"), Lane.INTERACTIVE);
        assertThat(governor.ask(mailbox("ben"), Lane.INTERACTIVE).succeeded()).isTrue();
        time.pass(2_999);
        assertThat(waits.isComplete()).isFalse();
        time.pass(1);
        assertThat(waits.succeeded()).isTrue();
        assertThat(told).singleElement().satisfies(event -> {
            assertThat(event.scope()).isEqualTo("mailbox/ada");
            assertThat(event.until()).isEqualTo(Instant.ofEpochMilli(time.millis()));
        });
    }

    @Test
    void whoWaitsInVainAfterA429IsToldAtOnce() {
        List<Permit> inside = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            inside.add(governor.ask(mailbox("ada"), Lane.INTERACTIVE).result());
        }
        Future<Permit> waits = governor.ask(mailbox("ada"), Lane.INTERACTIVE);

        inside.get(0).throttled(0, Optional.of(Duration.ofSeconds(30)));

        assertThat(refusal(waits).retryAfterSeconds()).isEqualTo(30);
        assertThat(refusal(governor.ask(mailbox("ada"), Lane.SYNC)).retryAfterSeconds())
                .isEqualTo(30);
    }

    @Test
    void whatAnotherReplicaLearnedCounts() {
        governor.heard(new ScopeThrottled(
                "app",
                "mailbox/ada",
                "another",
                Instant.ofEpochMilli(time.millis()).plusSeconds(9)));

        assertThat(refusal(governor.ask(mailbox("ada"), Lane.INTERACTIVE)).retryAfterSeconds())
                .isEqualTo(9);
        time.pass(9_000);
        assertThat(governor.ask(mailbox("ada"), Lane.INTERACTIVE).succeeded()).isTrue();
    }

    @Test
    void withoutRetryAfterItIsLongerEachTime() {
        Permit permit = governor.ask(mailbox("ada"), Lane.INTERACTIVE).result();

        long first = permit.throttled(0, Optional.empty()).toMillis();
        long second = permit.throttled(0, Optional.empty()).toMillis();
        long third = permit.throttled(0, Optional.empty()).toMillis();

        assertThat(first).isBetween(1_000L, 1_250L);
        assertThat(second).isBetween(2_000L, 2_500L);
        assertThat(third).isBetween(4_000L, 5_000L);
    }

    @Test
    void aBatchCountsForEveryItem() {
        Demand five = Demand.together(
                "app", List.of(mailbox("ada"), mailbox("ada"), mailbox("ada"), mailbox("ada"), mailbox("ada")));
        Permit batch = governor.ask(five, Lane.INTERACTIVE).result();
        Future<Permit> waits = governor.ask(mailbox("ada"), Lane.INTERACTIVE);
        assertThat(waits.isComplete()).isFalse();

        batch.release();

        assertThat(waits.succeeded()).isTrue();
        Future<Permit> second = governor.ask(five, Lane.INTERACTIVE);
        assertThat(second.isComplete()).as("not while somebody else is in").isFalse();
        waits.result().release();
        assertThat(second.succeeded()).isTrue();
    }

    @Test
    void withTwoReplicasEachHasHalf() {
        fleet.heard("me", 0);
        fleet.heard("other", 0);
        List<Future<Permit>> calls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            calls.add(governor.ask(mailbox("ada"), Lane.INTERACTIVE));
        }
        assertThat(calls).filteredOn(Future::succeeded).hasSize(2);

        fleet.left("other");
        calls.get(0).result().release();
        assertThat(calls).filteredOn(Future::succeeded).hasSize(4);
    }

    @Test
    void whereKafkaDoesNotAnswerAScarceLimitIsKeptInTheLongRun() {
        fleet.heard("me", 0);
        for (int i = 0; i < 3; i++) {
            fleet.heard("other-" + i, 0);
        }
        // Two a second for four replicas, whom nobody can ask: one in two seconds each.
        List<Long> began = new ArrayList<>();
        long start = time.millis();
        for (int i = 0; i < 3; i++) {
            governor.ask(channel("c"), Lane.SYNC).onSuccess(permit -> began.add(time.millis() - start));
        }
        time.pass(10_000);
        assertThat(began).hasSize(3);
        assertThat(began.get(1) - began.get(0)).isGreaterThan(2_000);
        assertThat(began.get(2) - began.get(1)).isGreaterThan(2_000);
    }

    @Test
    void whatNobodyUsesIsForgotten() {
        governor.ask(channel("c"), Lane.INTERACTIVE).result().release();
        governor.ask(mailbox("ada"), Lane.INTERACTIVE).result().release();
        time.pass(120_000);

        governor.sweep();

        assertThat(governor.scopes()).isZero();
    }
}
