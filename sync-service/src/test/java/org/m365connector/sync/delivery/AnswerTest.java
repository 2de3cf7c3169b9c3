package org.m365connector.sync.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202, 204, 299})
    void whatIsWellIsTaken(int status) {
        assertThat(Answer.of(status, Optional.empty(), NOW)).isInstanceOf(Answer.Taken.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 409, 410, 413, 415, 422})
    void whatIsWrongWithTheEventIsRefused(int status) {
        assertThat(Answer.of(status, Optional.empty(), NOW)).isEqualTo(new Answer.Refused(status));
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 307, 401, 403, 404, 408, 429, 502, 503, 504})
    void whatIsWrongWithThePortalIsNoFaultOfTheEvent(int status) {
        assertThat(Answer.of(status, Optional.empty(), NOW)).isInstanceOf(Answer.Away.class);
    }

    @Test
    void whoBreaksMayBreakOverTheEvent() {
        assertThat(Answer.of(500, Optional.empty(), NOW)).isEqualTo(new Answer.Broken(500));
    }

    @Test
    void askedPausesAreKeptButNotForEver() {
        assertThat(Answer.of(503, Optional.of("120"), NOW))
                .isEqualTo(new Answer.Away("HTTP 503", Optional.of(Duration.ofMinutes(2))));
        assertThat(Answer.of(429, Optional.of("99999"), NOW))
                .isEqualTo(new Answer.Away("HTTP 429", Optional.of(Duration.ofHours(1))));
        assertThat(Answer.of(503, Optional.of("soon"), NOW)).isEqualTo(new Answer.Away("HTTP 503", Optional.empty()));
    }
}
