package org.m365connector.graphproxy.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.m365connector.events.ScopeHeld;

/** Whole governors, of which some cannot hear the others, or cannot be heard: what each of them takes of a mailbox's four calls. */
class CutOffTest {

    private static final Duration LONG = Duration.ofMinutes(30);

    private static GovernorsOnOneTopic replicas(int count) {
        GovernorsOnOneTopic fleet = new GovernorsOnOneTopic(1, count);
        fleet.pass(Duration.ofSeconds(4));
        assertThat(fleet.replicas).allMatch(GovernorsOnOneTopic.Replica::ready);
        return fleet;
    }

    private static void come(GovernorsOnOneTopic fleet, int count) {
        List<GovernorsOnOneTopic.Replica> news =
                Stream.generate(fleet::come).limit(count).toList();
        fleet.pass(Duration.ofSeconds(12));
        assertThat(news).allMatch(GovernorsOnOneTopic.Replica::ready);
    }

    /** All of them want all that there is. */
    private static void everybodyCalls(GovernorsOnOneTopic fleet) {
        for (int i = 0; i < GovernorsOnOneTopic.AT_ONCE; i++) {
            fleet.replicas.forEach(replica -> replica.call(1, LONG));
            fleet.pass(Duration.ofSeconds(2));
        }
    }

    /** In seconds from when it was cut off: while calls of its may go on that it began before, and later. */
    @ParameterizedTest
    @ValueSource(ints = {15, 200})
    void whoWasAloneWhenItWasCutOffKeepsHalfOfTheLimitHoweverManyHaveComeSince(int seconds) {
        GovernorsOnOneTopic fleet = replicas(1);
        fleet.replicas.get(0).cutOff();
        come(fleet, 2);
        fleet.pass(Duration.ofSeconds(seconds));

        everybodyCalls(fleet);

        assertThat(fleet.running()).isEqualTo(GovernorsOnOneTopic.AT_ONCE);
        assertThat(fleet.running(fleet.replicas.get(0))).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 200})
    void whoIsNotHeardTakesNoMoreThanItHasSaidThoughTheOthersHaveLeft(int seconds) {
        GovernorsOnOneTopic fleet = replicas(3);
        fleet.replicas.get(0).writes = false;
        fleet.pass(Duration.ofSeconds(7));
        fleet.replicas.get(2).leave();
        fleet.replicas.get(1).leave();
        fleet.pass(Duration.ofSeconds(1));
        fleet.replicas.get(0).cutOff();
        come(fleet, 2);
        fleet.pass(Duration.ofSeconds(seconds));

        everybodyCalls(fleet);

        assertThat(fleet.running()).isEqualTo(GovernorsOnOneTopic.AT_ONCE);
        assertThat(fleet.running(fleet.replicas.get(0))).isEqualTo(1);
    }

    @Test
    void whoHasNoShareSinceALostOneHasMuchGoesByTurn() {
        GovernorsOnOneTopic fleet = replicas(1);
        fleet.replicas.get(0).cutOff();
        come(fleet, 3);

        fleet.replicas.subList(1, 4).forEach(replica -> replica.call(1, Duration.ofSeconds(1)));
        fleet.pass(Duration.ofSeconds(6));
        assertThat(fleet.done).isEqualTo(3);

        everybodyCalls(fleet);
        assertThat(fleet.running()).isEqualTo(GovernorsOnOneTopic.AT_ONCE);
    }

    @Test
    void whoeverIsCutOffOneAfterTheOtherLeavesSomethingToWhoComes() {
        GovernorsOnOneTopic fleet = replicas(1);
        for (int i = 0; i < 5; i++) {
            fleet.replicas.get(i).cutOff();
            come(fleet, 1);
        }

        everybodyCalls(fleet);

        assertThat(fleet.most).isEqualTo(GovernorsOnOneTopic.AT_ONCE);
        assertThat(fleet.running(fleet.replicas.get(5))).isEqualTo(1);
    }

    @Test
    void thatNothingRunsBeyondAShareAnyMoreIsSaidUntilItStandsOnTheTopic() {
        GovernorsOnOneTopic fleet = replicas(1);
        GovernorsOnOneTopic.Replica first = fleet.replicas.get(0);
        for (int i = 0; i < GovernorsOnOneTopic.AT_ONCE; i++) {
            first.call(1, Duration.ofSeconds(15));
        }
        come(fleet, 1);
        GovernorsOnOneTopic.Replica second = fleet.replicas.get(1);
        second.call(1, LONG);
        fleet.pass(Duration.ofSeconds(2));
        assertThat(fleet.running(second)).isZero();

        first.loses = word -> word instanceof ScopeHeld held && held.calls() <= held.share();
        fleet.pass(Duration.ofSeconds(2));
        first.loses = word -> false;
        fleet.pass(Duration.ofSeconds(2));
        second.call(1, LONG);
        fleet.pass(Duration.ofSeconds(2));

        assertThat(fleet.running(second)).isEqualTo(2);
    }

    @Test
    void whatAKilledOneHeldIsForgottenByAllAtTheSamePlaceOfTheTopic() {
        GovernorsOnOneTopic fleet = replicas(3);
        GovernorsOnOneTopic.Replica killed = fleet.replicas.get(0);
        killed.call(4, LONG);
        fleet.pass(Duration.ofSeconds(1));
        assertThat(fleet.running(killed)).isEqualTo(1);
        List<GovernorsOnOneTopic.Replica> others = List.copyOf(fleet.replicas.subList(1, 3));
        killed.kill();
        while (others.stream().allMatch(replica -> replica.counts() == 3)) {
            fleet.pass(Duration.ofMillis(10));
        }
        assertThat(others).as("one misses it, and the other does not yet").anyMatch(replica -> replica.counts() == 3);
        GovernorsOnOneTopic.Replica first = others.stream()
                .filter(replica -> replica.counts() == 2)
                .findFirst()
                .orElseThrow();

        first.call(3, LONG);
        fleet.pass(Duration.ofSeconds(4));

        assertThat(fleet.running(first)).isEqualTo(1);
    }
}
