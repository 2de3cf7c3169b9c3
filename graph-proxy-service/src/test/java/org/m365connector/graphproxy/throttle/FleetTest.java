package org.m365connector.graphproxy.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FleetTest {

    private static final Duration SILENCE = Duration.ofSeconds(5);

    private static List<Fleet> fleets(int count) {
        List<Fleet> fleets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Fleet fleet = new Fleet("replica-" + i, SILENCE);
            for (int j = 0; j < count; j++) {
                fleet.heard("replica-" + j, 1_000, 1_000);
            }
            fleets.add(fleet);
        }
        return fleets;
    }

    @Test
    void theSharesOfAllMakeTheLimitNeitherLessNorMore() {
        for (int replicas = 1; replicas <= 7; replicas++) {
            List<Fleet> fleets = fleets(replicas);
            for (int limit : new int[] {1, 4, 20, 30, 10_000}) {
                for (String scope : List.of("mailbox/a", "mailbox/b", "channel/c")) {
                    int sum = fleets.stream()
                            .mapToInt(fleet -> fleet.share(scope, limit))
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
                .filter(fleet ->
                        java.util.stream.IntStream.range(0, 100).anyMatch(n -> fleet.share("mailbox/" + n, 4) == 2))
                .count();
        assertThat(lucky).isEqualTo(3);
    }

    @Test
    void whoIsSilentIsLostAndWhoLeavesIsGoneAtOnce() {
        Fleet fleet = new Fleet("a", SILENCE);
        for (String name : List.of("a", "b", "c")) {
            fleet.heard(name, 0, 0);
        }
        fleet.left("c");
        assertThat(fleet.alive()).isEqualTo(2);

        for (long now = 1_000; now <= 5_000; now += 1_000) {
            assertThat(fleet.heard("a", now, now)).isEmpty();
        }
        assertThat(fleet.heard("a", 5_100, 5_100)).containsExactly("b");
        assertThat(fleet.alive()).isEqualTo(1);
        assertThat(fleet.members()).as("b may be cut off from Kafka and go on").isEqualTo(2);
        assertThat(fleet.share("mailbox/m", 4)).isEqualTo(3);

        for (long now = 6_000; now <= 602_000; now += 1_000) {
            fleet.heard("a", now, now);
        }
        assertThat(fleet.members()).isEqualTo(1);
        assertThat(fleet.share("mailbox/m", 4)).isEqualTo(4);
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
                            fleet.heard("replica-" + j, 0, 0);
                        }
                        boolean deaf = i < cutOff;
                        for (long now = 1_000; now <= 10_000 && !deaf; now += 1_000) {
                            for (int j = cutOff; j < replicas; j++) {
                                fleet.heard("replica-" + j, now, now);
                            }
                        }
                        sum += deaf ? fleet.smallShare(limit) : fleet.share("mailbox/m", limit);
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
        fleet.heard("new", now, now);

        fleet.heard("long gone", now - 800_000, now);
        fleet.heard("dead a minute ago", now - 60_000, now);
        fleet.heard("there", now - 800_000, now);
        fleet.heard("there", now - 400, now);

        assertThat(fleet.names()).containsExactlyInAnyOrder("new", "there");
        assertThat(fleet.members()).isEqualTo(3);
    }

    @Test
    void whileKafkaIsAwayEverybodyStays() {
        Fleet fleet = new Fleet("a", SILENCE);
        fleet.heard("a", 0, 0);
        fleet.heard("b", 0, 0);

        // An hour later Kafka is back, and we hear ourselves first.
        fleet.heard("a", 3_600_000, 3_600_000);
        assertThat(fleet.alive()).isEqualTo(2);
        fleet.heard("b", 3_600_200, 3_600_200);
        assertThat(fleet.alive()).isEqualTo(2);
    }
}
