package org.m365connector.sync.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RetryAfterTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    @Test
    void allThreeShapesAreRead() {
        assertThat(RetryAfter.parse("10", NOW)).contains(Duration.ofSeconds(10));
        assertThat(RetryAfter.parse("2.128", NOW)).contains(Duration.ofMillis(2128));
        assertThat(RetryAfter.parse("Sun, 22 Nov 2026 10:00:30 GMT", NOW)).contains(Duration.ofSeconds(30));
    }

    @Test
    void nonsenseIsNone() {
        assertThat(RetryAfter.parse(null, NOW)).isEmpty();
        assertThat(RetryAfter.parse("", NOW)).isEmpty();
        assertThat(RetryAfter.parse("soon", NOW)).isEmpty();
        assertThat(RetryAfter.parse("-1", NOW)).isEmpty();
        assertThat(RetryAfter.parse("NaN", NOW)).isEmpty();
    }

    @Test
    void linksAreKeptWithoutTheirHost() {
        assertThat(GraphAccess.relative("http://localhost:8083/graph/p/Main/as/A/v1.0/me/messages/delta?$deltatoken=x"))
                .isEqualTo("/me/messages/delta?$deltatoken=x");
    }
}
