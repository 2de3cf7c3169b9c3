package org.m365connector.graphproxy.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
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
}
