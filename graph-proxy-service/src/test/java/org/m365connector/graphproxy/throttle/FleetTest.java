package org.m365connector.graphproxy.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.m365connector.events.ReplicaAlive;

class FleetTest {

    private static final Duration SILENCE = Duration.ofSeconds(5);

    private static final String SELF = "a";
    private static final Limit FOUR_AT_ONCE = new Limit(4, Duration.ZERO);

    /** They count each other, and have said so. */
    private static List<Fleet> fleets(int count) {
        List<String> names =
                IntStream.range(0, count).mapToObj(i -> "replica-" + i).toList();
        return names.stream().map(name -> fleet(name, names)).toList();
    }

    private static Fleet fleet(String self, List<String> names) {
        Fleet fleet = new Fleet(self, SILENCE);
        names.stream().filter(name -> !name.equals(self)).forEach(name -> say(fleet, name, 0, 2 * names.size()));
        saysAndIsHeard(fleet, 0);
        return fleet;
    }

    private static void saysAndIsHeard(Fleet fleet, long now) {
        fleet.heardSelf(now, now, now);
        fleet.says(true, now);
        fleet.heardSelf(now, now, now);
    }

    /** Somebody is there, who counts everybody. */
    private static Set<String> say(Fleet fleet, String name, long now, int keepsOneIn) {
        return fleet.heard(
                new ReplicaAlive(name, false, Optional.empty(), Optional.of(keepsOneIn), Optional.empty()), now, now);
    }

    private static void say(Fleet fleet, String name, long at, long now, List<String> hears) {
        fleet.heard(new ReplicaAlive(name, false, Optional.of(hears), Optional.empty(), Optional.empty()), at, now);
    }

    private static Limit inATime(int count) {
        return new Limit(count, Duration.ofSeconds(1));
    }

    @Test
    void theSharesOfAllMakeTheLimitNeitherLessNorMore() {
        for (int replicas = 1; replicas <= 7; replicas++) {
            List<Fleet> fleets = fleets(replicas);
            for (int limit : new int[] {1, 4, 20, 30, 10_000}) {
                for (String scope : List.of("mailbox/a", "mailbox/b", "channel/c")) {
                    int sum = fleets.stream()
                            .mapToInt(fleet -> fleet.share(scope, inATime(limit)))
                            .sum();
                    assertThat(sum).as(limit + " over " + replicas).isEqualTo(limit);
                }
            }
        }
    }

    @Test
    void whatIsLeftOverIsNotAlwaysTheSameReplicas() {
        List<Fleet> fleets = fleets(3);
        long lucky = fleets.stream()
                .filter(fleet -> IntStream.range(0, 100).anyMatch(n -> fleet.share("mailbox/" + n, inATime(4)) == 2))
                .count();
        assertThat(lucky).isEqualTo(3);
    }

    @Test
    void whoIsSilentIsLostAndWhoLeavesIsGoneAtOnce() {
        Fleet fleet = fleet(SELF, List.of("b", "c"));
        fleet.left("c");
        assertThat(fleet.alive()).isEqualTo(2);

        for (long now = 1_000; now <= 5_000; now += 1_000) {
            assertThat(fleet.heardSelf(now, now, now)).isEmpty();
        }
        assertThat(fleet.heardSelf(5_100, 5_100, 5_100)).containsExactly("b");
        assertThat(fleet.alive()).isEqualTo(1);
        assertThat(fleet.alone()).as("b may be cut off from Kafka and go on").isFalse();
        assertThat(fleet.share("mailbox/m", inATime(4))).isEqualTo(3);

        for (long now = 6_000; now <= 602_000; now += 1_000) {
            fleet.heardSelf(now, now, now);
        }
        assertThat(fleet.alone()).isTrue();
        assertThat(fleet.share("mailbox/m", inATime(4))).isEqualTo(4);
    }

    @Test
    void whoeverIsCutOffOrDeadTheSharesOfAllAreNoMoreThanTheLimit() {
        for (int replicas = 2; replicas <= 6; replicas++) {
            for (int cutOff = 1; cutOff < replicas; cutOff++) {
                for (int limit : new int[] {replicas, 7, 30, 10_000}) {
                    int sum = 0;
                    List<Fleet> fleets = fleets(replicas);
                    for (int i = 0; i < replicas; i++) {
                        Fleet fleet = fleets.get(i);
                        boolean deaf = i < cutOff;
                        for (long now = 1_000; now <= 10_000 && !deaf; now += 1_000) {
                            for (int j = cutOff; j < replicas; j++) {
                                say(fleet, "replica-" + j, now, 2 * replicas);
                            }
                            fleet.heardSelf(now, now, now);
                        }
                        sum += deaf ? fleet.smallShare("mailbox/m", limit) : fleet.share("mailbox/m", inATime(limit));
                    }
                    assertThat(sum)
                            .as("%d cut off of %d, limit %d", cutOff, replicas, limit)
                            .isLessThanOrEqualTo(limit)
                            .isGreaterThan(limit / 3);
                }
            }
        }
    }

    @Test
    void whoeverIsCutOffOneAfterTheOtherTheSumIsNoMoreThanTheLimitAndSomethingIsLeft() {
        Random dice = new Random(1);
        for (int round = 0; round < 300; round++) {
            int limit = new int[] {2, 3, 4, 7, 30, 10_000}[round % 6];
            Map<String, Integer> cutOff = new LinkedHashMap<>();
            int taken = 0;
            for (int generation = 0; generation < 6; generation++) {
                List<Fleet> come = haveCome(1 + dice.nextInt(4), cutOff);
                int ofAll = limit - come.get(0).reserved(limit);
                int shares = come.stream()
                        .mapToInt(fleet -> fleet.share("mailbox/m", inATime(limit)))
                        .sum();
                assertThat(taken + ofAll).as("round %d", round).isBetween(taken + 1, limit);
                assertThat(shares).isEqualTo(ofAll);
                taken += come.stream()
                        .mapToInt(fleet -> fleet.smallShare("mailbox/m", limit))
                        .sum();
                come.forEach(fleet -> cutOff.put(
                        "replica-" + cutOff.size(), fleet.says(true, 0).orElseThrow()));
            }
        }
    }

    /** They know each other, and those who were cut off before they came. */
    private static List<Fleet> haveCome(int count, Map<String, Integer> cutOff) {
        List<String> names = IntStream.range(cutOff.size(), cutOff.size() + count)
                .mapToObj(i -> "replica-" + i)
                .toList();
        return names.stream()
                .map(name -> {
                    Fleet fleet = new Fleet(name, SILENCE);
                    fleet.heardSelf(60_000, 60_000, 60_000);
                    cutOff.forEach((lost, keepsOneIn) -> say(fleet, lost, 0, keepsOneIn));
                    names.forEach(other -> say(fleet, other, 60_000, 2));
                    saysAndIsHeard(fleet, 60_000);
                    return fleet;
                })
                .toList();
    }

    @Test
    void whoIsReadBackFromLongAgoIsNobody() {
        Fleet fleet = new Fleet("new", SILENCE);
        long now = 10_000_000;
        fleet.heardSelf(now, now, now);

        say(fleet, "long gone", now - 800_000, now, List.of("long gone"));
        say(fleet, "dead a minute ago", now - 60_000, now, List.of("long gone", "dead a minute ago"));
        say(fleet, "there", now - 800_000, now, List.of("there"));
        say(fleet, "there", now - 400, now, List.of("there"));

        assertThat(fleet.names()).containsExactlyInAnyOrder("new", "there");
        assertThat(fleet.reserved(12)).as("what the dead one said").isEqualTo(3);
    }

    /** Somebody is started for the so-and-so-many-th time, 90 s after the last, and reads back what was said before. */
    private static Fleet startedAgain(int times, List<ReplicaAlive> before, String listensAt) {
        Fleet fleet = new Fleet("life-" + times, SILENCE);
        long now = times * 90_000L;
        fleet.heardSelf(now, now, now);
        for (int i = 0; i < before.size(); i++) {
            for (long at = i * 90_000L; at < i * 90_000L + 80_000; at += 1_000) {
                fleet.heard(before.get(i), at, now);
            }
        }
        fleet.hasReadEverything();
        speaks(fleet, listensAt, now, now + 3_000);
        before.add(new ReplicaAlive(
                "life-" + times,
                false,
                Optional.of(List.copyOf(fleet.names())),
                fleet.says(true, now + 3_000),
                Optional.of(listensAt)));
        return fleet;
    }

    /** Every second of itself. */
    private static void speaks(Fleet fleet, String listensAt, long from, long until) {
        for (long now = from; now <= until; now += 1_000) {
            fleet.says(true, now);
            fleet.listens(Optional.of(listensAt), now, now);
            fleet.heardSelf(now, now, now);
        }
    }

    @Test
    void whoIsKilledAsTheOnlyOneLeavesHimAllButASixteenthWhoIsStartedAtHisPlace() {
        List<ReplicaAlive> before = new ArrayList<>();
        for (int times = 0; times < 7; times++) {
            Fleet fleet = startedAgain(times, before, "place");
            assertThat(fleet.names()).containsExactly("life-" + times);
            assertThat(fleet.settled()).isTrue();
            assertThat(fleet.share("mailbox/m", inATime(10_000)))
                    .as("life %d", times)
                    .isEqualTo(10_000 - times * 625);
            assertThat(fleet.untold(10_000)).isEqualTo(times * 625);
            assertThat(fleet.share("mailbox/m", FOUR_AT_ONCE)).isPositive();

            speaks(fleet, "place", times * 90_000L + 4_000, times * 90_000L + 121_000);
            assertThat(fleet.share("mailbox/m", FOUR_AT_ONCE)).isEqualTo(4);
            assertThat(fleet.sharesOut(1)).isTrue();
            speaks(fleet, "place", times * 90_000L + 122_000, times * 90_000L + 601_000);
            assertThat(fleet.alone()).isTrue();
            assertThat(fleet.share("mailbox/m", inATime(10_000))).isEqualTo(10_000);
        }
    }

    @Test
    void ofCallsAtOnceTheDeadOneKeepsWhatItSaidForTwoMinutes() {
        Fleet fleet = startedAgain(1, alone("killed", "place"), "place");
        speaks(fleet, "elsewhere", 93_000, "other place");
        assertThat(fleet.reserved(20)).isEqualTo(10);
        assertThat(fleet.share("tenant", new Limit(20, Duration.ZERO))).isEqualTo(5);
        assertThat(fleet.share("tenant", inATime(32)))
                .as("two sixteenths of which are the dead one's")
                .isEqualTo(15);
    }

    @Test
    void whoWasSilentForLongBeforeItsSuccessorMayHaveUsedHalfUnheard() {
        Fleet fleet = new Fleet(SELF, SILENCE);
        long now = 300_000;
        fleet.heardSelf(now, now, now);
        fleet.heard(alone("cut off, then killed", "place").get(0), 0, now);
        fleet.hasReadEverything();
        speaks(fleet, "place", now, now + 3_000);
        assertThat(fleet.share("mailbox/m", inATime(10_000))).isEqualTo(5_000);
        speaks(fleet, "place", now + 4_000, now + 599_000);
        assertThat(fleet.share("mailbox/m", inATime(10_000)))
                .as("it may have died just now")
                .isEqualTo(5_000);
        speaks(fleet, "place", now + 600_000, now + 602_000);
        assertThat(fleet.alone()).isTrue();
    }

    private static List<ReplicaAlive> alone(String name, String listensAt) {
        return new ArrayList<>(List.of(
                new ReplicaAlive(name, false, Optional.of(List.of(name)), Optional.of(2), Optional.of(listensAt))));
    }

    @Test
    void whoIsStartedElsewhereCannotKnowThatTheOtherIsDead() {
        List<ReplicaAlive> before = new ArrayList<>();
        for (int times = 0; times < 4; times++) {
            Fleet fleet = startedAgain(times, before, "place-" + times);
            assertThat(fleet.share("mailbox/m", inATime(10_000))).isEqualTo(10_000 >> times);
        }
    }

    @Test
    void whoeverHearsTheSuccessorMissesTheDeadSooner() {
        Fleet fleet = fleet(SELF, List.of(SELF));
        speaks(fleet, "b", 0, "place");
        speaks(fleet, "b", 1_000, "place");
        assertThat(fleet.alive()).isEqualTo(2);

        assertThat(speaks(fleet, "c", 2_000, "elsewhere")).isEmpty();
        assertThat(speaks(fleet, "d", 2_100, "place")).isEmpty();
        assertThat(fleet.heardSelf(4_600, 4_600, 4_600)).isEmpty();
        assertThat(fleet.heardSelf(4_601, 4_601, 4_601)).containsExactly("b");

        assertThat(fleet.names()).containsExactly(SELF, "c", "d");
        assertThat(fleet.untold(10_000)).isEqualTo(625);
        fleet.left("d");
        fleet.heardSelf(4_700, 4_700, 4_700);
        assertThat(fleet.untold(10_000)).as("it stays dead").isEqualTo(625);
    }

    @Test
    void whoSpeaksAfterHisSuccessorIsNotDead() {
        Fleet fleet = fleet(SELF, List.of(SELF));
        speaks(fleet, "b", 0, "place");
        speaks(fleet, "c", 1_000, "place");
        speaks(fleet, "b", 2_000, "place");
        speaks(fleet, "c", 3_000, "place");
        assertThat(fleet.names()).containsExactly(SELF, "b", "c");

        for (long now = 2_000; now <= 12_000; now += 1_000) {
            fleet.heardSelf(now, now, now);
            speaks(fleet, "c", now, "place");
        }
        assertThat(fleet.untold(10_000)).isZero();
        assertThat(fleet.names()).containsExactly(SELF, "c");
        assertThat(fleet.reserved(10_000)).as("half of what it had").isEqualTo(2_500);
    }

    private static Set<String> speaks(Fleet fleet, String name, long now, String listensAt) {
        return fleet.heard(
                new ReplicaAlive(name, false, Optional.empty(), Optional.of(4), Optional.of(listensAt)), now, now);
    }

    @Test
    void whoHasNeverCountedAnybodyKeepsNoPart() {
        Fleet fleet = fleet(SELF, List.of());
        say(fleet, "dies before it knows who is there", 0, 0, List.of());
        assertThat(fleet.alive()).isEqualTo(2);
        for (long now = 1_000; now <= 10_000; now += 1_000) {
            fleet.heardSelf(now, now, now);
        }
        assertThat(fleet.alive()).isEqualTo(1);
        assertThat(fleet.reserved(10_000)).isEqualTo(1);
    }

    @Test
    void whoComesIsCountedWhenAllOthersHaveSaidSo() {
        Fleet fleet = new Fleet("new", SILENCE);
        fleet.heardSelf(0, 0, 0);
        say(fleet, "a", -400, 10, List.of("a", "b"));
        say(fleet, "b", -300, 10, List.of("a", "b"));
        fleet.hasReadEverything();
        assertThat(fleet.settled()).isFalse();

        say(fleet, "a", 600, 610, List.of("a", "b", "new"));
        assertThat(fleet.settled()).isFalse();
        say(fleet, "b", 700, 710, List.of("a", "b", "new"));

        assertThat(fleet.settled()).isTrue();
        assertThat(fleet.agreed()).isTrue();
        say(fleet, "another", 800, 810, List.of());
        assertThat(fleet.agreed()).as("a and b do not know of it yet").isFalse();
        assertThat(fleet.settled()).as("which takes nothing from us").isTrue();
    }

    @Test
    void whoSpeaksButDoesNotHearUsIsLost() {
        Fleet fleet = fleet(SELF, List.of());
        say(fleet, "deaf", 0, 0, List.of("a", "deaf"));
        for (long now = 1_000; now <= 12_000; now += 1_000) {
            fleet.heardSelf(now, now, now);
            say(fleet, "deaf", now, now, List.of());
        }
        assertThat(fleet.alive()).isEqualTo(1);
        assertThat(fleet.reserved(8)).as("it goes on with its small share").isEqualTo(2);

        say(fleet, "deaf", 12_500, 12_500, List.of("a", "deaf"));
        assertThat(fleet.alive()).isEqualTo(2);
    }

    @Test
    void ofCallsAtOnceWhoIsLostKeepsAllOfItsShareWhileTheyMayRun() {
        Fleet fleet = fleet(SELF, List.of(SELF, "b"));
        Limit atOnce = new Limit(4, Duration.ZERO);
        for (long now = 1_000; now <= 60_000; now += 1_000) {
            fleet.heardSelf(now, now, now);
        }
        assertThat(fleet.share("mailbox/m", inATime(4))).isEqualTo(3);
        assertThat(fleet.share("mailbox/m", atOnce)).isEqualTo(2);

        for (long now = 61_000; now <= 130_000; now += 1_000) {
            fleet.heardSelf(now, now, now);
        }
        assertThat(fleet.share("mailbox/m", atOnce)).isEqualTo(3);
    }

    @Test
    void whileKafkaIsAwayEverybodyStays() {
        Fleet fleet = fleet(SELF, List.of(SELF, "b"));

        // An hour later Kafka is back, and we hear ourselves first.
        fleet.heardSelf(3_600_000, 3_600_000, 3_600_000);
        assertThat(fleet.alive()).isEqualTo(2);
        say(fleet, "b", 3_600_200, 4);
        assertThat(fleet.alive()).isEqualTo(2);
    }
}
