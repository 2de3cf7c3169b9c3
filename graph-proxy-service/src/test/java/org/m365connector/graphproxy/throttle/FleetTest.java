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
                fleet.heard("replica-" + j, 1_000);
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
    void whoIsSilentIsGoneAndWhoLeavesIsGoneAtOnce() {
        Fleet fleet = new Fleet("a", SILENCE);
        fleet.heard("a", 0);
        fleet.heard("b", 0);
        fleet.heard("c", 0);
        fleet.left("c");
        assertThat(fleet.members()).isEqualTo(2);

        for (long now = 1_000; now <= 5_000; now += 1_000) {
            assertThat(fleet.heard("a", now)).isEmpty();
        }
        assertThat(fleet.heard("a", 5_100)).containsExactly("b");
        assertThat(fleet.members()).isEqualTo(1);
    }

    @Test
    void whileKafkaIsAwayEverybodyStays() {
        Fleet fleet = new Fleet("a", SILENCE);
        fleet.heard("a", 0);
        fleet.heard("b", 0);

        // An hour later Kafka is back, and we hear ourselves first.
        fleet.heard("a", 3_600_000);
        assertThat(fleet.members()).isEqualTo(2);
        fleet.heard("b", 3_600_200);
        assertThat(fleet.members()).isEqualTo(2);
    }
}
