package org.m365connector.auth.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TokenAnswerTest {

    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    @Test
    void aTokenLastsAsLongAsTheCallerAsks() {
        var hour = issued(Duration.ofHours(1));

        assertThat(hour.lasts(Duration.ofMinutes(5), START.plus(Duration.ofMinutes(54))))
                .isTrue();
        assertThat(hour.lasts(Duration.ofMinutes(5), START.plus(Duration.ofMinutes(56))))
                .isFalse();
        assertThat(hour.lasts(Duration.ZERO, START.plus(Duration.ofHours(1)))).isFalse();
    }

    @Test
    void halfOfAShortLifeIsEnoughForEverybody() {
        var halfMinute = issued(Duration.ofSeconds(30));

        assertThat(halfMinute.lasts(Duration.ofMinutes(5), START)).isTrue();
        assertThat(halfMinute.lasts(Duration.ofMinutes(5), START.plusSeconds(15)))
                .isTrue();
        assertThat(halfMinute.lasts(Duration.ofMinutes(5), START.plusSeconds(16)))
                .isFalse();
    }

    @Test
    void itIsRenewedBeforeItEnds() {
        assertThat(issued(Duration.ofHours(24)).agesSoon(START.plus(Duration.ofHours(23))))
                .isFalse();
        assertThat(issued(Duration.ofHours(24)).agesSoon(START.plus(Duration.ofMinutes(1436))))
                .isTrue();
        assertThat(issued(Duration.ofSeconds(30)).agesSoon(START.plusSeconds(26)))
                .isFalse();
        assertThat(issued(Duration.ofSeconds(30)).agesSoon(START.plusSeconds(28)))
                .isTrue();
    }

    private static TokenAnswer.Issued issued(Duration life) {
        return new TokenAnswer.Issued("token", START, START.plus(life), 1);
    }
}
