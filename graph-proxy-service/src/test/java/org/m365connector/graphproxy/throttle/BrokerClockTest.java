package org.m365connector.graphproxy.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BrokerClockTest {

    private static final long BROKER_IS_AHEAD = 600_000;

    private final BrokerClock clock = new BrokerClock();

    @Test
    void asLongAsNothingIsKnownEverythingIsNew() {
        assertThat(clock.age(5, 1_000_000)).isZero();
    }

    @Test
    void howOldSomethingIsDoesNotDependOnWhatTheBrokersClockShows() {
        clock.heard(1_000, 1_004 + BROKER_IS_AHEAD, 1_010);
        assertThat(clock.age(500 + BROKER_IS_AHEAD, 2_000)).isBetween(1_490L, 1_500L);
    }

    @Test
    void whatWasReadLateMakesNothingOlderAndIsForgottenWithTheNextOne() {
        clock.heard(1_000, 1_004, 3_000);
        assertThat(clock.age(2_000, 4_000)).isBetween(0L, 2_000L);

        clock.heard(4_000, 4_004, 4_010);
        assertThat(clock.age(2_000, 5_000)).isBetween(2_990L, 3_000L);

        clock.heard(5_000, 5_004, 7_000);
        assertThat(clock.age(2_000, 8_000)).as("what was known better stays").isBetween(5_990L, 6_000L);
    }

    @Test
    void aClockThatIsSetIsFollowedBothWays() {
        clock.heard(1_000, 1_004, 1_010);
        clock.heard(2_000, 2_004 - BROKER_IS_AHEAD, 2_010);
        assertThat(clock.age(2_500 - BROKER_IS_AHEAD, 3_000)).isBetween(490L, 500L);

        clock.heard(3_000, 3_004 + BROKER_IS_AHEAD, 3_010);
        assertThat(clock.age(3_500 + BROKER_IS_AHEAD, 4_000)).isBetween(490L, 500L);
    }
}
