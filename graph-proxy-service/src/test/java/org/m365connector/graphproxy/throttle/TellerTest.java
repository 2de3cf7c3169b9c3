package org.m365connector.graphproxy.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.events.ReplicaAlive;
import org.m365connector.events.ScopeThrottled;
import org.m365connector.events.ScopeUsed;
import org.m365connector.events.TurnTaken;

/** What is said when Kafka comes back after minutes. Those who hear it take it for new. */
class TellerTest {

    private static final long MINUTES = 180_000;

    @Test
    void aPauseIsToldAsLongAsItStillIs() {
        ScopeThrottled closed = new ScopeThrottled("app", "mailbox/m", "me", 200_000);

        assertThat(Teller.worthSaying(closed, 0)).hasValue(closed);
        assertThat(Teller.worthSaying(closed, MINUTES))
                .hasValue(new ScopeThrottled("app", "mailbox/m", "me", 200_000 - MINUTES));
        assertThat(Teller.worthSaying(closed, 200_000)).isEmpty();
    }

    @Test
    void whatWasUsedIsToldAsLongAsItCounts() {
        ScopeUsed used = new ScopeUsed("app", "me", "mailbox/m", 10_000, 600_000, 300);

        assertThat(Teller.worthSaying(used, MINUTES)).hasValue(used);
        assertThat(Teller.worthSaying(used, 600_000)).isEmpty();
    }

    @Test
    void turnsAndHeartbeatsOfMinutesAgoAreNotTold() {
        List<Object> words = List.of(
                new TurnTaken("app", "me", 1, List.of()),
                new ReplicaAlive("me", false, Optional.of(List.of("me")), Optional.of(2), Optional.empty()));

        assertThat(words).allMatch(word -> Teller.worthSaying(word, 3_000).isPresent());
        assertThat(words).allMatch(word -> Teller.worthSaying(word, MINUTES).isEmpty());
    }
}
