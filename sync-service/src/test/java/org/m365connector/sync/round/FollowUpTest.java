package org.m365connector.sync.round;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FollowUpTest {
    @Test
    void hintedRoundIsFollowedByAnotherLookAlsoWhereItToldSomething() {
        assertThat(Rounds.followUp(true, 0, 0, 2)).isEqualTo(1);
        assertThat(Rounds.followUp(true, 0, 3, 2)).isEqualTo(1);
    }

    @Test
    void furtherLooksComeOnlyWhileNothingShowsAndNotForEver() {
        assertThat(Rounds.followUp(false, 1, 0, 2)).isEqualTo(2);
        assertThat(Rounds.followUp(false, 1, 1, 2)).isZero();
        assertThat(Rounds.followUp(false, 2, 0, 2)).isZero();
    }

    @Test
    void roundOfTheTimerIsNotFollowed() {
        assertThat(Rounds.followUp(false, 0, 0, 2)).isZero();
        assertThat(Rounds.followUp(false, 0, 1, 2)).isZero();
    }
}
