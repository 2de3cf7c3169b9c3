package org.m365connector.sync.change;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.events.Change.Kind;

class TellingTest {
    private static Telling telling(Kind kind, boolean wasHidden, boolean fits) {
        return Telling.of(Optional.ofNullable(kind), wasHidden, fits);
    }

    private static Telling told(Kind kind) {
        return new Telling(Optional.of(kind), false);
    }

    @Test
    void withoutAFilterThingsAreToldAsTheyAre() {
        for (Kind kind : Kind.values()) {
            assertThat(telling(kind, false, true)).isEqualTo(told(kind));
        }
        assertThat(telling(null, false, true)).isEqualTo(new Telling(Optional.empty(), false));
    }

    @Test
    void whatDoesNotFitIsHiddenFromItsBeginningToItsEnd() {
        Telling hidden = new Telling(Optional.empty(), true);
        assertThat(telling(Kind.CREATED, false, false)).isEqualTo(hidden);
        assertThat(telling(null, false, false)).isEqualTo(hidden);
        assertThat(telling(Kind.UPDATED, true, false)).isEqualTo(hidden);
        assertThat(telling(Kind.DELETED, true, true)).isEqualTo(hidden);
    }

    @Test
    void whatComesWithinTheFilterIsCreatedAndWhatLeavesIsToldOnceMore() {
        assertThat(telling(Kind.UPDATED, true, true)).isEqualTo(told(Kind.CREATED));
        assertThat(telling(Kind.UPDATED, false, false)).isEqualTo(new Telling(Optional.of(Kind.UPDATED), true));
    }

    @Test
    void whatWasHiddenAndComesBackIsJudgedAnew() {
        assertThat(telling(Kind.CREATED, true, true)).isEqualTo(told(Kind.CREATED));
        assertThat(telling(Kind.CREATED, true, false)).isEqualTo(new Telling(Optional.empty(), true));
    }
}
