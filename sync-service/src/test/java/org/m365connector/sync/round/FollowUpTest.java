package org.m365connector.sync.round;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FollowUpTest {
    @Test
    void hintedRoundIsFollowedByAnotherLookAlsoWhereItToldSomething() {
        assertThat(NextRound.followUp(true, 0, 0, 2)).isEqualTo(1);
        assertThat(NextRound.followUp(true, 0, 3, 2)).isEqualTo(1);
    }

    @Test
    void furtherLooksComeOnlyWhileNothingShowsAndNotForEver() {
        assertThat(NextRound.followUp(false, 1, 0, 2)).isEqualTo(2);
        assertThat(NextRound.followUp(false, 1, 1, 2)).isZero();
        assertThat(NextRound.followUp(false, 2, 0, 2)).isZero();
    }

    @Test
    void roundOfTheTimerIsNotFollowed() {
        assertThat(NextRound.followUp(false, 0, 0, 2)).isZero();
        assertThat(NextRound.followUp(false, 0, 1, 2)).isZero();
    }
}
