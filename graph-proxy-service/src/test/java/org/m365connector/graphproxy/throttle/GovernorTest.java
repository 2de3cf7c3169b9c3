package org.m365connector.graphproxy.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.m365connector.events.ReplicaAlive;
import org.m365connector.events.ScopeThrottled;
import org.m365connector.events.ScopeUsed;
import org.m365connector.events.TurnEnded;
import org.m365connector.events.TurnTaken;

class GovernorTest {

    private static final Limit FOUR_AT_ONCE = new Limit(4, Duration.ZERO);
    private static final Limit TWO_A_SECOND = new Limit(2, Duration.ofSeconds(1));

    private static final Limit TEN_IN_TEN_MINUTES = new Limit(10, Duration.ofMinutes(10));

    private final FakeTime time = new FakeTime();
    private final Fleet fleet = new Fleet("me", Duration.ofSeconds(5));
    private final List<Object> told = new ArrayList<>();
    private final List<Object> turnsTold = new ArrayList<>();
    private final Turns turns = new Turns("me", time, fleet, turnsTold::add);
    private final AtomicBoolean heard = new AtomicBoolean(true);
    private long looks;
    private Crowd crowd;
    private final Governor governor = governor(100, 1_000);

    private Governor governor(int queue, int most) {
        crowd = new Crowd(queue, most);
        return new Governor(
                "me",
                fleet,
                new Standing() {
                    @Override
                    public boolean heard() {
                        looks++;
                        return heard.get();
                    }

                    @Override
                    public boolean missed() {
                        return !heard.get();
                    }
                },
                turns,
                new Governor.Patience(Duration.ofSeconds(5), Duration.ofSeconds(20)),
                crowd,
                time,
                told::add);
    }

    private void replicas(String... names) {
        for (String name : names) {
            fleet.heard(
                    new ReplicaAlive(name, false, Optional.empty(), Optional.of(2 * names.length), Optional.empty()),
                    0,
                    0);
        }
        fleet.heardSelf(0, 0, 0);
        fleet.says(true, 0);
        fleet.heardSelf(0, 0, 0);
    }

    /** What was written to the topic comes back. */
    private void deliverTurns() {
        List<Object> news = List.copyOf(turnsTold);
        turnsTold.clear();
        for (Object event : news) {
            if (event instanceof TurnTaken taken) {
                turns.heard(taken, time.millis());
            } else {
                turns.heard((TurnEnded) event);
            }
        }
    }

    private static Demand tenMinutes(String oid) {
        String scope = "mailbox/" + oid;
        return demand(scope, new Need(scope + "/outlook", TEN_IN_TEN_MINUTES, 1, false));
    }

    private static Demand oneASecond(String id) {
        String scope = "channel/" + id;
        return demand(scope, new Need(scope + "/channel", new Limit(1, Duration.ofSeconds(1)), 1, false));
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
        assertThat(crowd.waiting()).isZero();
    }

    @Test
    void theQueueIsBounded() {
        Governor small = governor(3, 1_000);
        for (int i = 0; i < 7; i++) {
            small.ask(mailbox("ada"), Lane.INTERACTIVE);
        }
        assertThat(refusal(small.ask(mailbox("ada"), Lane.INTERACTIVE)).scope()).isEqualTo("mailbox");
        assertThat(crowd.waiting()).isEqualTo(3);
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

        assertThat(connecting.begin()).isEqualTo(Permit.Going.CLOSED);
        Future<Permit> waits = governor.ask(mailbox("ada"), Lane.INTERACTIVE);
        assertThat(governor.ask(mailbox("ben"), Lane.INTERACTIVE).succeeded()).isTrue();
        time.pass(2_999);
        assertThat(waits.isComplete()).isFalse();
        time.pass(1);
        assertThat(waits.succeeded()).isTrue();
        assertThat(told).singleElement().satisfies(event -> {
            assertThat(event).isEqualTo(new ScopeThrottled("app", "mailbox/ada", "me", 3_000));
        });
    }

    /** Graph counts what it refuses, and all who wait here would be there at once. */
    @Test
    void after429NobodyIsThereAtOnceWhateverGraphSays() {
        Permit permit = governor.ask(mailbox("ada"), Lane.INTERACTIVE).result();

        for (long millis : new long[] {0, 400}) {
            assertThat(permit.throttled(0, Optional.of(Duration.ofMillis(millis))))
                    .isEqualTo(Duration.ofSeconds(1));
        }

        Future<Permit> waits = governor.ask(mailbox("ada"), Lane.INTERACTIVE);
        time.pass(999);
        assertThat(waits.isComplete()).isFalse();
        time.pass(1);
        assertThat(waits.succeeded()).isTrue();
        assertThat(told).allSatisfy(event -> assertThat(event)
                .isEqualTo(new ScopeThrottled("app", "mailbox/ada", "me", 1_000)));
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
        governor.apps().heard(new ScopeThrottled("app", "mailbox/ada", "another", 12_000), 3_000);

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
        replicas("me", "other");
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
    void whoIsNotHeardTakesHalfOfHisShare() {
        replicas("me", "other");
        heard.set(false);
        List<Future<Permit>> calls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            calls.add(governor.ask(mailbox("ada"), Lane.INTERACTIVE));
        }
        assertThat(calls).filteredOn(Future::succeeded).hasSize(1);
        calls.get(0).result().release();
        assertThat(calls).filteredOn(Future::succeeded).as("it goes on").hasSize(2);
    }

    @Test
    void whereKafkaDoesNotAnswerAScarceLimitIsKeptInTheLongRun() {
        replicas("me", "other-0", "other-1", "other-2");
        // Two a second for four replicas, whom nobody can ask: one of them goes on, and the others do not.
        String one = "c"
                + IntStream.range(0, 100)
                        .filter(n -> fleet.goesOnAlone("channel/c" + n + "/channel"))
                        .findFirst()
                        .orElseThrow();
        String another = "c"
                + IntStream.range(0, 100)
                        .filter(n -> !fleet.goesOnAlone("channel/c" + n + "/channel"))
                        .findFirst()
                        .orElseThrow();
        List<Long> began = new ArrayList<>();
        long start = time.millis();
        for (int i = 0; i < 3; i++) {
            governor.ask(channel(one), Lane.SYNC).onSuccess(permit -> began.add(time.millis() - start));
        }
        time.pass(1_200);
        assertThat(began)
                .as("it is not clear yet whether the others count on us")
                .isEmpty();
        heard.set(false);
        time.pass(15_000);
        assertThat(began).hasSize(3);
        assertThat(began.get(0)).as("Kafka has been waited for, once").isBetween(1_200L, 1_500L);
        assertThat(began.get(1) - began.get(0)).isBetween(1_000L, 1_100L);
        assertThat(began.get(2) - began.get(1)).isBetween(1_000L, 1_100L);
        assertThat(turns.open()).isZero();
        assertThat(crowd.waiting()).isZero();
        assertThat(refusal(governor.ask(channel(another), Lane.SYNC)).scope()).isEqualTo("channel");

        time.pass(2_000);
        governor.ask(channel(one), Lane.SYNC).onSuccess(permit -> began.add(time.millis() - start));
        assertThat(began).as("nor is it waited for again").hasSize(4);
    }

    @Test
    void aBurstAsksForOneTurnAtATime() {
        replicas("me", "other");
        List<Future<Permit>> calls = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            calls.add(governor.ask(oneASecond("c"), Lane.INTERACTIVE).onSuccess(Permit::begin));
        }
        assertThat(turnsTold).hasSize(1);
        assertThat(calls)
                .as("those that would wait in vain know at once")
                .filteredOn(Future::failed)
                .hasSizeGreaterThan(44);

        for (int i = 0; i < 60; i++) {
            deliverTurns();
            time.pass(100);
        }
        assertThat(calls).filteredOn(Future::succeeded).hasSizeBetween(4, 5);
        assertThat(calls).allMatch(Future::isComplete);
        assertThat(turns.millisToWait("app", oneASecond("c").needs(), time.millis()))
                .as("nothing is booked that nobody uses")
                .isLessThan(1_100);
    }

    @Test
    void interactiveCallsGoFirstAlsoWhereTheyNeedATurn() {
        replicas("me", "other");
        List<String> order = new ArrayList<>();
        go("sync 1", Lane.SYNC, order);
        go("sync 2", Lane.SYNC, order);
        go("interactive", Lane.INTERACTIVE, order);
        for (int i = 0; i < 50; i++) {
            deliverTurns();
            time.pass(100);
        }
        assertThat(order).containsExactly("sync 1", "interactive", "sync 2");
    }

    private void go(String name, Lane lane, List<String> order) {
        governor.ask(oneASecond("c"), lane).onSuccess(permit -> {
            permit.begin();
            order.add(name);
        });
    }

    @Test
    void aTurnThatIsOverIsNoTurnHoweverOftenItWasLate() {
        replicas("me", "other");
        Permit permit = inTurn(governor.ask(oneASecond("c"), Lane.INTERACTIVE));
        TurnTaken.Part part = new TurnTaken.Part("channel/c/channel", 1, 1_000, 1);
        turns.heard(new TurnTaken("app", "other", 1, List.of(part)), time.millis());
        time.pass(100);
        assertThat(permit.begin()).isEqualTo(Permit.Going.TOO_LATE);

        // Behind the other one, and then too late again.
        Permit second = inTurn(permit.another());
        time.pass(100);
        assertThat(second.begin()).isEqualTo(Permit.Going.TOO_LATE);
        Permit third = inTurn(second.another());

        assertThat(third.begin()).isEqualTo(Permit.Going.NOW);
        third.release();
        assertThat(turns.open()).isZero();
    }

    private Permit inTurn(Future<Permit> call) {
        for (int i = 0; i < 400 && !call.isComplete(); i++) {
            deliverTurns();
            time.pass(10);
        }
        return call.result();
    }

    @Test
    void aLoneCallThatWasLateGoesAtOnceAndNobodyComesTooCloseToIt() {
        replicas("me", "other");
        Future<Permit> call = governor.ask(oneASecond("c"), Lane.INTERACTIVE);
        deliverTurns();
        time.pass(300);
        assertThat(call.result().begin()).isEqualTo(Permit.Going.TOO_LATE);

        Future<Permit> another = call.result().another();
        deliverTurns();

        assertThat(another.result().begin()).isEqualTo(Permit.Going.NOW);
        assertThat(turns.millisToWait("app", oneASecond("c").needs(), time.millis()))
                .isGreaterThan(1_000);
        another.result().release();
        assertThat(turns.open()).isZero();
    }

    @Test
    void whoCameBehindALateCallGoesFirst() {
        replicas("me", "other");
        Future<Permit> call = governor.ask(oneASecond("c"), Lane.INTERACTIVE);
        deliverTurns();
        long turn = time.millis();
        time.pass(300);
        TurnTaken.Part part = new TurnTaken.Part("channel/c/channel", 1, 1_000, 1);
        Future<Permit> another = call.result().another();
        // On the topic it stands before ours, and begins a window after the turn that we missed.
        turns.heard(new TurnTaken("app", "other", 1, List.of(part)), turn + 300);
        deliverTurns();

        assertThat(another.isComplete()).isFalse();
        time.pass(turn + 1_062 + 1_062 - time.millis());
        assertThat(another.result().begin()).isEqualTo(Permit.Going.NOW);
    }

    @Test
    void aCallCountsFromWhenItGoesOut() {
        Permit first = governor.ask(channel("c"), Lane.INTERACTIVE).result();
        time.pass(900);
        assertThat(first.begin()).isEqualTo(Permit.Going.NOW);
        Permit second = governor.ask(channel("c"), Lane.INTERACTIVE).result();
        assertThat(second.begin()).isEqualTo(Permit.Going.NOW);

        Future<Permit> third = governor.ask(channel("c"), Lane.INTERACTIVE);
        time.pass(990);
        assertThat(third.isComplete()).isFalse();
        time.pass(100);
        assertThat(third.succeeded()).isTrue();
    }

    @Test
    void aCallThatDidNotGoOutDoesNotCount() {
        governor.ask(channel("c"), Lane.INTERACTIVE).result();
        Permit second = governor.ask(channel("c"), Lane.INTERACTIVE).result();
        Future<Permit> third = governor.ask(channel("c"), Lane.INTERACTIVE);
        assertThat(third.isComplete()).isFalse();

        second.release();

        assertThat(third.succeeded()).isTrue();
    }

    @Test
    void whatAnotherReplicaUsedOfALongLimitIsUsedUp() {
        governor.apps()
                .heard(new ScopeUsed("app", "dead", "mailbox/ada/outlook", 10, 600_000, 8), time.millis() - 300_000);

        assertThat(governor.ask(tenMinutes("ada"), Lane.INTERACTIVE).succeeded())
                .isTrue();
        assertThat(governor.ask(tenMinutes("ada"), Lane.INTERACTIVE).succeeded())
                .isTrue();
        assertThat(refusal(governor.ask(tenMinutes("ada"), Lane.INTERACTIVE)).retryAfterSeconds())
                .isBetween(300L, 345L);
        assertThat(governor.ask(tenMinutes("ben"), Lane.INTERACTIVE).succeeded())
                .isTrue();
    }

    @Test
    void whatIsUsedOfALongLimitIsTold() {
        governor.ask(tenMinutes("ada"), Lane.INTERACTIVE).result().begin();
        governor.ask(channel("c"), Lane.INTERACTIVE).result().begin();

        assertThat(told).containsExactly(new ScopeUsed("app", "me", "mailbox/ada/outlook", 10, 600_000, 1));
    }

    @Test
    void inAllOnlySoManyWait() {
        Governor small = governor(100, 5);
        for (int i = 0; i < 9; i++) {
            for (int n = 0; n < 5; n++) {
                small.ask(mailbox("user-" + i), Lane.INTERACTIVE);
            }
        }
        assertThat(crowd.waiting()).isEqualTo(5);
        assertThat(crowd.refusedInAll()).isEqualTo(4);
    }

    @Test
    void aCallThatEndsCostsTheSameHoweverManyWait() {
        Governor crowded = governor(100_000, 100_000);
        List<Permit> inside = new ArrayList<>();
        for (int user = 0; user < 500; user++) {
            for (int n = 0; n < 44; n++) {
                crowded.ask(mailbox("user-" + user), Lane.SYNC).onSuccess(inside::add);
            }
        }
        assertThat(crowd.waiting()).isEqualTo(20_000);
        looks = 0;
        int ended = 0;
        while (!inside.isEmpty()) {
            inside.remove(inside.size() - 1).release();
            ended++;
        }
        assertThat(ended).isEqualTo(22_000);
        assertThat(crowd.waiting()).isZero();
        assertThat(looks).as("looks at whether somebody may go").isLessThan(3L * ended);
    }

    @Test
    void whatSomebodyWaitsForIsNotForgotten() {
        for (int i = 0; i < 4; i++) {
            governor.ask(mailbox("ada"), Lane.INTERACTIVE);
        }
        Demand both = Demand.together("app", List.of(mailbox("ada"), channel("c")));
        assertThat(governor.ask(both, Lane.INTERACTIVE).isComplete()).isFalse();
        int scopes = governor.apps().scopes();

        governor.apps().sweep();

        assertThat(governor.apps().scopes()).isEqualTo(scopes);
    }

    @Test
    void whatNobodyUsesIsForgotten() {
        Permit call = governor.ask(channel("c"), Lane.INTERACTIVE).result();
        call.begin();
        call.release();
        governor.ask(mailbox("ada"), Lane.INTERACTIVE).result().release();
        time.pass(120_000);

        governor.apps().sweep();

        assertThat(governor.apps().scopes()).isZero();
    }
}
