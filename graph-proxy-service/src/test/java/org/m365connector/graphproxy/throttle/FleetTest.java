package org.m365connector.graphproxy.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FleetTest {

    private static final Duration SILENCE = Duration.ofSeconds(5);

    private static final Optional<Collection<String>> EVERYBODY = Optional.empty();

    private static List<Fleet> fleets(int count) {
        List<Fleet> fleets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Fleet fleet = new Fleet("replica-" + i, SILENCE);
            for (int j = 0; j < count; j++) {
                fleet.heard("replica-" + j, 1_000, 1_000, EVERYBODY);
            }
            fleets.add(fleet);
        }
        return fleets;
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
                .filter(fleet -> java.util.stream.IntStream.range(0, 100)
                        .anyMatch(n -> fleet.share("mailbox/" + n, inATime(4)) == 2))
                .count();
        assertThat(lucky).isEqualTo(3);
    }

    @Test
    void whoIsSilentIsLostAndWhoLeavesIsGoneAtOnce() {
        Fleet fleet = new Fleet("a", SILENCE);
        for (String name : List.of("a", "b", "c")) {
            fleet.heard(name, 0, 0, EVERYBODY);
        }
        fleet.left("c");
        assertThat(fleet.alive()).isEqualTo(2);

        for (long now = 1_000; now <= 5_000; now += 1_000) {
            assertThat(fleet.heard("a", now, now, EVERYBODY)).isEmpty();
        }
        assertThat(fleet.heard("a", 5_100, 5_100, EVERYBODY)).containsExactly("b");
        assertThat(fleet.alive()).isEqualTo(1);
        assertThat(fleet.members()).as("b may be cut off from Kafka and go on").isEqualTo(2);
        assertThat(fleet.share("mailbox/m", inATime(4))).isEqualTo(3);

        for (long now = 6_000; now <= 602_000; now += 1_000) {
            fleet.heard("a", now, now, EVERYBODY);
        }
        assertThat(fleet.members()).isEqualTo(1);
        assertThat(fleet.share("mailbox/m", inATime(4))).isEqualTo(4);
    }

    @Test
    void whoeverIsCutOffOrDeadTheSharesOfAllAreNoMoreThanTheLimit() {
        for (int replicas = 2; replicas <= 6; replicas++) {
            for (int cutOff = 1; cutOff < replicas; cutOff++) {
                for (int limit : new int[] {replicas, 7, 30, 10_000}) {
                    int sum = 0;
                    for (int i = 0; i < replicas; i++) {
                        Fleet fleet = new Fleet("replica-" + i, SILENCE);
                        for (int j = 0; j < replicas; j++) {
                            fleet.heard("replica-" + j, 0, 0, EVERYBODY);
                        }
                        boolean deaf = i < cutOff;
                        for (long now = 1_000; now <= 10_000 && !deaf; now += 1_000) {
                            for (int j = cutOff; j < replicas; j++) {
                                fleet.heard("replica-" + j, now, now, EVERYBODY);
                            }
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
    void whoIsReadBackFromLongAgoIsNobody() {
        Fleet fleet = new Fleet("new", SILENCE);
        long now = 10_000_000;
        fleet.heard("new", now, now, EVERYBODY);

        fleet.heard("long gone", now - 800_000, now, EVERYBODY);
        fleet.heard("dead a minute ago", now - 60_000, now, EVERYBODY);
        fleet.heard("there", now - 800_000, now, EVERYBODY);
        fleet.heard("there", now - 400, now, EVERYBODY);

        assertThat(fleet.names()).containsExactlyInAnyOrder("new", "there");
        assertThat(fleet.members()).isEqualTo(3);
    }

    @Test
    void whoComesIsCountedWhenAllOthersHaveSaidSo() {
        Fleet fleet = new Fleet("new", SILENCE);
        fleet.heard("new", 0, 0, EVERYBODY);
        fleet.heard("a", -400, 10, Optional.of(List.of("a", "b")));
        fleet.heard("b", -300, 10, Optional.of(List.of("a", "b")));
        fleet.hasReadEverything();
        assertThat(fleet.settled()).isFalse();

        fleet.heard("a", 600, 610, Optional.of(List.of("a", "b", "new")));
        assertThat(fleet.settled()).isFalse();
        fleet.heard("b", 700, 710, Optional.of(List.of("a", "b", "new")));

        assertThat(fleet.settled()).isTrue();
        assertThat(fleet.agreed()).isTrue();
        fleet.heard("another", 800, 810, Optional.of(List.of()));
        assertThat(fleet.agreed()).as("a and b do not know of it yet").isFalse();
        assertThat(fleet.settled()).as("which takes nothing from us").isTrue();
    }

    @Test
    void whoSpeaksButDoesNotHearUsIsLost() {
        Fleet fleet = new Fleet("a", SILENCE);
        fleet.heard("a", 0, 0, EVERYBODY);
        fleet.heard("deaf", 0, 0, Optional.of(List.of("a", "deaf")));
        for (long now = 1_000; now <= 12_000; now += 1_000) {
            fleet.heard("a", now, now, EVERYBODY);
            fleet.heard("deaf", now, now, Optional.of(List.of()));
        }
        assertThat(fleet.alive()).isEqualTo(1);
        assertThat(fleet.members()).as("it goes on with its small share").isEqualTo(2);

        fleet.heard("deaf", 12_500, 12_500, Optional.of(List.of("a", "deaf")));
        assertThat(fleet.alive()).isEqualTo(2);
    }

    @Test
    void ofCallsAtOnceWhoIsLostKeepsAllOfItsShareWhileTheyMayRun() {
        Fleet fleet = new Fleet("a", SILENCE);
        fleet.heard("a", 0, 0, EVERYBODY);
        fleet.heard("b", 0, 0, EVERYBODY);
        Limit atOnce = new Limit(4, Duration.ZERO);
        for (long now = 1_000; now <= 60_000; now += 1_000) {
            fleet.heard("a", now, now, EVERYBODY);
        }
        assertThat(fleet.share("mailbox/m", inATime(4))).isEqualTo(3);
        assertThat(fleet.share("mailbox/m", atOnce)).isEqualTo(2);

        for (long now = 61_000; now <= 130_000; now += 1_000) {
            fleet.heard("a", now, now, EVERYBODY);
        }
        assertThat(fleet.share("mailbox/m", atOnce)).isEqualTo(3);
    }

    @Test
    void whileKafkaIsAwayEverybodyStays() {
        Fleet fleet = new Fleet("a", SILENCE);
        fleet.heard("a", 0, 0, EVERYBODY);
        fleet.heard("b", 0, 0, EVERYBODY);

        // An hour later Kafka is back, and we hear ourselves first.
        fleet.heard("a", 3_600_000, 3_600_000, EVERYBODY);
        assertThat(fleet.alive()).isEqualTo(2);
        fleet.heard("b", 3_600_200, 3_600_200, EVERYBODY);
        assertThat(fleet.alive()).isEqualTo(2);
    }
}
