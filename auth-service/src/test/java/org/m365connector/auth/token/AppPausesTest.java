package org.m365connector.auth.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthProblem;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.events.AccountId;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

class AppPausesTest {

    private static final AccountKey SERVICE =
            new AccountKey(new PortalId("p"), new RegistrationName("Main"), AccountId.SERVICE);

    private final ClockOfTests clock = new ClockOfTests();
    private final AppPauses pauses = new AppPauses(10, clock);

    @Test
    void anAnswerThatWasOnItsWayBeforeDoesNotEndAThrottling() {
        pauses.throttled(SERVICE, Duration.ofSeconds(30));

        pauses.over(SERVICE);

        assertThat(pauses.of(SERVICE)).contains(throttledFor(30));
    }

    @Test
    void aShorterThrottlingThatIsToldLaterDoesNotShortenTheOneThatIs() {
        pauses.throttled(SERVICE, Duration.ofSeconds(30));
        pauses.throttled(SERVICE, Duration.ofSeconds(5));
        assertThat(pauses.of(SERVICE)).contains(throttledFor(30));

        pauses.throttled(SERVICE, Duration.ofSeconds(40));
        assertThat(pauses.of(SERVICE)).contains(throttledFor(40));

        clock.goOn(Duration.ofSeconds(40));
        assertThat(pauses.of(SERVICE)).isEmpty();
    }

    @Test
    void whatEntraDidNotAcceptIsOverWithTheNextTokenAndElseAskedForLessAndLessOften() {
        assertThat(pauses.refused(SERVICE, AuthProblem.REGISTRATION_MISCONFIGURED))
                .isEqualTo(Duration.ofSeconds(5));
        assertThat(pauses.refused(SERVICE, AuthProblem.REGISTRATION_MISCONFIGURED))
                .isEqualTo(Duration.ofSeconds(10));
        assertThat(pauses.of(SERVICE)).contains(TokenAnswer.Refused.of(AuthProblem.REGISTRATION_MISCONFIGURED));

        pauses.over(SERVICE);

        assertThat(pauses.of(SERVICE)).isEmpty();
        assertThat(pauses.refused(SERVICE, AuthProblem.REGISTRATION_MISCONFIGURED))
                .isEqualTo(Duration.ofSeconds(5));
    }

    private static TokenAnswer throttledFor(long seconds) {
        return new TokenAnswer.Refused(AuthProblem.ENTRA_UNAVAILABLE, Optional.of(Duration.ofSeconds(seconds)));
    }

    private static final class ClockOfTests extends Clock {

        private Instant now = Instant.parse("2026-11-28T12:00:00Z");

        void goOn(Duration time) {
            now = now.plus(time);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }
}
