package org.m365connector.graphproxy.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Replicas come, go, are killed and cut off while they call one mailbox as much as they may; Graph sees no more than four at once.
 */
class FleetOfGovernorsTest {

    /** {@code -Dseeds=500} plays more of them, {@code -Dseed=318,546} those. */
    static LongStream seeds() {
        String only = System.getProperty("seed", "");
        return only.isEmpty()
                ? LongStream.rangeClosed(1, Long.getLong("seeds", 3))
                : Arrays.stream(only.split(",", -1)).mapToLong(Long::parseLong);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void replicasComeAndGoWhileCallsRun(long seed) {
        GovernorsOnOneTopic fleet = new GovernorsOnOneTopic(seed, 1);
        fleet.live(Duration.ofMinutes(2), 0, dice -> comeAndGo(fleet, dice));
        // What a killed one had stays its own for longer than this lasts: of three of them all four but one.
        assertThat(fleet.most)
                .isBetween(GovernorsOnOneTopic.AT_ONCE - Math.min(1, fleet.killed), GovernorsOnOneTopic.AT_ONCE);
        assertThat(fleet.done).isGreaterThan(fleet.killed < 3 ? 100 : 50);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void batchesThatAreMoreThanAShareGoOneAfterTheOther(long seed) {
        GovernorsOnOneTopic fleet = new GovernorsOnOneTopic(seed, 2);
        fleet.live(Duration.ofMinutes(2), 0.2, random -> {});
        assertThat(fleet.most).isEqualTo(GovernorsOnOneTopic.AT_ONCE);
        assertThat(fleet.batchesDone).isGreaterThan(3);
        assertThat(fleet.topic)
                .as("words for each call, besides heartbeats")
                .hasSizeLessThan(2 * 120 + 12 * fleet.asked);
        assertThat(fleet.done - fleet.batchesDone).isGreaterThan(20);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void batchesWhileReplicasComeAndGo(long seed) {
        GovernorsOnOneTopic fleet = new GovernorsOnOneTopic(seed, 2);
        fleet.live(Duration.ofMinutes(2), 0.1, dice -> comeAndGo(fleet, dice));
        assertThat(fleet.batchesDone).isPositive();
        assertThat(fleet.done).isGreaterThan(20);
    }

    private static void comeAndGo(GovernorsOnOneTopic fleet, Random dice) {
        int what = dice.nextInt(2_000);
        if (what < 2 && fleet.replicas.size() < 7) {
            fleet.come();
        } else if (what == 3 && fleet.replicas.size() > 1) {
            fleet.any().leave();
        } else if (what == 4 && fleet.replicas.size() > 1 && dice.nextBoolean()) {
            fleet.any().kill();
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void someAreCutOffOnOneSideOrBoth(long seed) {
        GovernorsOnOneTopic fleet = new GovernorsOnOneTopic(seed, 1 + (int) (seed % 6));
        fleet.live(Duration.ofMinutes(3), 0, dice -> {
            comeAndGo(fleet, dice);
            if (dice.nextInt(500) == 0) {
                GovernorsOnOneTopic.Replica cutOff = fleet.any();
                cutOff.writes = dice.nextBoolean();
                cutOff.reads = dice.nextBoolean();
                fleet.time.after(500 + dice.nextInt(30_000), () -> {
                    cutOff.writes = true;
                    cutOff.reads = true;
                });
            }
        });
        assertThat(fleet.done).isGreaterThan(20);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7})
    void kafkaIsAwayForAll(int count) {
        GovernorsOnOneTopic fleet = new GovernorsOnOneTopic(count, count);
        fleet.live(Duration.ofSeconds(20), 0, dice -> {});
        fleet.replicas.forEach(replica -> {
            replica.writes = false;
            replica.reads = false;
        });
        int before = fleet.done;
        fleet.live(Duration.ofMinutes(1), 0, dice -> {});
        assertThat(fleet.done - before).as("it goes on").isGreaterThan(15);
        fleet.replicas.forEach(replica -> {
            replica.writes = true;
            replica.reads = true;
        });
        fleet.live(Duration.ofMinutes(1), 0, dice -> comeAndGo(fleet, dice));
    }

    @Test
    void whatRunsByAShareThatIsNoMoreIsToldBeforeWhoComesIsCounted() {
        GovernorsOnOneTopic fleet = new GovernorsOnOneTopic(1, 4);
        fleet.pass(Duration.ofSeconds(4));
        assertThat(fleet.replicas).allMatch(GovernorsOnOneTopic.Replica::ready);
        GovernorsOnOneTopic.Replica first = fleet.replicas.get(0);
        first.call(1, Duration.ofSeconds(20));

        // With a fifth there are no shares any more. What the first one says of its call meanwhile is lost.
        first.writes = false;
        GovernorsOnOneTopic.Replica fifth = fleet.come();
        while (fleet.heartbeats(fifth) < 1) {
            fleet.pass(Duration.ofMillis(10));
        }
        fleet.pass(Duration.ofMillis(50));
        for (int i : new int[] {1, 1, 2, 3}) {
            fleet.replicas.get(i).call(1, Duration.ofSeconds(20));
        }
        while (fleet.heartbeats(fifth) < 2) {
            fleet.pass(Duration.ofMillis(10));
        }
        fleet.pass(Duration.ofMillis(50));
        assertThat(fleet.running()).isEqualTo(1);
        first.writes = true;
        fleet.pass(Duration.ofSeconds(5));

        assertThat(fleet.most).isEqualTo(GovernorsOnOneTopic.AT_ONCE);
    }

    @Test
    void fourThatAreCutOffLeaveOneForWhoComes() {
        GovernorsOnOneTopic fleet = new GovernorsOnOneTopic(1, 4);
        fleet.pass(Duration.ofSeconds(4));
        assertThat(fleet.replicas).allMatch(GovernorsOnOneTopic.Replica::ready);
        fleet.replicas.forEach(replica -> {
            replica.writes = false;
            replica.reads = false;
        });
        fleet.come();
        fleet.pass(Duration.ofSeconds(12));
        assertThat(fleet.replicas).allMatch(GovernorsOnOneTopic.Replica::ready);

        fleet.replicas.forEach(replica -> replica.call(1, Duration.ofSeconds(20)));
        fleet.pass(Duration.ofSeconds(5));

        assertThat(fleet.most).isEqualTo(GovernorsOnOneTopic.AT_ONCE);
    }

    @Test
    void whatADeadOneRanBeyondItsShareHoldsUpNobodyWhoReadsItLater() {
        GovernorsOnOneTopic fleet = new GovernorsOnOneTopic(1, 1);
        fleet.pass(Duration.ofSeconds(3));
        GovernorsOnOneTopic.Replica dies = fleet.replicas.get(0);
        for (int i = 0; i < 4; i++) {
            dies.call(1, Duration.ofSeconds(20));
        }
        GovernorsOnOneTopic.Replica second = fleet.come();
        fleet.pass(Duration.ofSeconds(4));
        dies.kill();
        fleet.pass(Duration.ofSeconds(10));
        GovernorsOnOneTopic.Replica third = fleet.come();
        fleet.pass(Duration.ofSeconds(4));

        third.call(1, Duration.ofSeconds(20));
        second.call(1, Duration.ofSeconds(20));

        assertThat(fleet.running()).isEqualTo(2);
    }

    @Test
    void whoIsCutOffTakesNothingOfWhatGoesByTurnsBeforeTheOthersMissIt() {
        GovernorsOnOneTopic fleet = new GovernorsOnOneTopic(1, 2);
        fleet.pass(Duration.ofSeconds(4));
        fleet.replicas.get(0).call(4, Duration.ofSeconds(7));
        fleet.pass(Duration.ofSeconds(1));
        assertThat(fleet.running()).isEqualTo(1);
        GovernorsOnOneTopic.Replica cutOff = fleet.replicas.get(1);
        cutOff.writes = false;
        cutOff.reads = false;
        fleet.pass(Duration.ofSeconds(4));
        cutOff.call(1, Duration.ofSeconds(1));
        fleet.pass(Duration.ofSeconds(9));

        assertThat(fleet.most).isEqualTo(GovernorsOnOneTopic.AT_ONCE);
        assertThat(fleet.done).isEqualTo(2);
    }

    /** In seconds: the others take who does not read for lost after eight, and then leave it out of what they say. */
    @ParameterizedTest
    @ValueSource(doubles = {4, 8, 10, 11, 11.5, 12, 12.5, 13, 13.5, 14, 20, 60})
    void whoReadsLateDoesNotTakeThoseForLostWhoHaveLeftItOutMeanwhile(double deaf) {
        GovernorsOnOneTopic fleet = new GovernorsOnOneTopic(1, 5);
        fleet.pass(Duration.ofSeconds(4));
        assertThat(fleet.replicas).allMatch(GovernorsOnOneTopic.Replica::ready);
        for (int i = 0; i < 3; i++) {
            fleet.replicas.get(i).call(1, Duration.ofMinutes(2));
        }
        GovernorsOnOneTopic.Replica late = fleet.replicas.get(4);
        late.reads = false;
        fleet.pass(Duration.ofMillis((long) (deaf * 1_000)));
        late.reads = true;
        fleet.pass(Duration.ofSeconds(5));

        late.call(1, Duration.ofSeconds(20));
        late.call(1, Duration.ofSeconds(20));
        fleet.pass(Duration.ofSeconds(5));

        assertThat(fleet.most).isEqualTo(GovernorsOnOneTopic.AT_ONCE);
        assertThat(fleet.running()).isEqualTo(GovernorsOnOneTopic.AT_ONCE);
        assertThat(fleet.replicas).allMatch(replica -> replica.counts() == 5);
    }

    @Test
    void whoIsLeftAloneWhileATurnOfItsOwnRunsGoesOn() {
        GovernorsOnOneTopic fleet = new GovernorsOnOneTopic(1, 2);
        fleet.pass(Duration.ofSeconds(4));
        GovernorsOnOneTopic.Replica stays = fleet.replicas.get(0);
        stays.call(3, Duration.ofSeconds(20));
        fleet.pass(Duration.ofSeconds(1));
        fleet.replicas.get(1).leave();
        fleet.pass(Duration.ofSeconds(1));
        assertThat(stays.counts()).isEqualTo(1);

        stays.call(1, Duration.ofSeconds(20));
        fleet.pass(Duration.ofSeconds(1));

        assertThat(fleet.running()).isEqualTo(2);
    }
}
