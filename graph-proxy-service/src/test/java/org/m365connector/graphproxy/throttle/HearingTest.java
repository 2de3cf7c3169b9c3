package org.m365connector.graphproxy.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class HearingTest {

    private final FakeTime time = new FakeTime();
    private final AtomicBoolean counted = new AtomicBoolean(true);
    private final Hearing hearing = new Hearing(time, Duration.ofSeconds(5), counted::get);

    @Test
    void whoIsNewHasNothingBeforeItHasReadEverythingAndTheOthersHaveMadeRoom() {
        assertThat(hearing.heard()).isFalse();
        hearing.heardSelf(time.millis());
        time.pass(1_500);
        assertThat(hearing.heard()).as("it does not know yet who is there").isFalse();

        hearing.caughtUp(false);
        assertThat(hearing.heard()).isTrue();
    }

    @Test
    void whoIsAloneNeedNotWaitForAnybody() {
        hearing.heardSelf(time.millis());
        hearing.caughtUp(true);
        assertThat(hearing.heard()).isTrue();
    }

    @Test
    void whoIsNoLongerHeardGivesUpItsShareBeforeTheOthersTakeIt() {
        hearing.caughtUp(true);
        long saidAt = time.millis();
        time.pass(2_500);
        hearing.heardSelf(saidAt);
        time.pass(400);
        assertThat(hearing.everHeard()).isFalse();
        hearing.caughtUp(true);
        assertThat(hearing.heard()).isTrue();

        time.pass(101);

        assertThat(hearing.heard())
                .as("3 s after it was said, however late it was heard")
                .isFalse();
        assertThat(hearing.everHeard()).isTrue();
    }

    @Test
    void whoIsNoLongerHeardIsNotMissedYet() {
        hearing.heardSelf(time.millis());
        hearing.caughtUp(true);
        time.pass(10_000);
        assertThat(hearing.heard()).isFalse();
        assertThat(hearing.missed()).as("the others may count it for so long").isFalse();
        time.pass(1);
        assertThat(hearing.missed()).isTrue();
    }

    @Test
    void whoIsHeardAgainWaitsUntilTheOthersHaveMadeRoom() {
        hearing.heardSelf(time.millis());
        hearing.caughtUp(true);
        time.pass(60_000);
        hearing.heardSelf(time.millis());
        assertThat(hearing.heard()).isFalse();
        time.pass(900);
        hearing.heardSelf(time.millis());
        time.pass(100);
        assertThat(hearing.heard()).isTrue();
    }
}
