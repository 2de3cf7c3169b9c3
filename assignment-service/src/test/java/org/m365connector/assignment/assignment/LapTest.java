package org.m365connector.assignment.assignment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LapTest {
    private static final Optional<String> NOWHERE = Optional.empty();

    @Test
    void fullStepGoesOnAfterItsLast() {
        assertThat(new Lap("", NOWHERE, NOWHERE).after(List.of("A", "B"), 2)).contains(new Lap("B", NOWHERE, NOWHERE));
    }

    @Test
    void stepThatFindsFewerIsTheEnd() {
        assertThat(new Lap("B", NOWHERE, NOWHERE).after(List.of("C"), 2)).isEmpty();
        assertThat(new Lap("B", NOWHERE, NOWHERE).after(List.of(), 2)).isEmpty();
        assertThat(new Lap("", Optional.of("B"), NOWHERE).after(List.of("A"), 2))
                .isEmpty();
    }

    @Test
    void thoseBeforeTheSecondWishComeOnceMoreAfterTheLast() {
        var behindTheLast = new Lap("B", NOWHERE, Optional.of("B")).after(List.of("C"), 2);

        assertThat(behindTheLast).contains(new Lap("", Optional.of("B"), NOWHERE));
        assertThat(behindTheLast.get().after(List.of("A", "B"), 2)).contains(new Lap("B", Optional.of("B"), NOWHERE));
    }
}
