package org.m365connector.graphproxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OperationMetersTest {

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final OperationMeters operations = new OperationMeters(meters);

    @Test
    void oneRegistrationsOddCallsDoNotTakeTheSeriesOfAnother() {
        for (int i = 0; i < 10_000; i++) {
            call("loud/Main", "GET /odd/" + i);
        }
        call("quiet/Main", "GET /me");
        call("quiet/Main", "GET /me");

        assertThat(meters.getMeters()).hasSizeLessThan(250);
        assertThat(count("loud/Main", "GET /odd/1")).isEqualTo(1);
        assertThat(count("loud/Main", "other")).isEqualTo(9_800);
        assertThat(count("quiet/Main", "GET /me")).isEqualTo(2);
    }

    @Test
    void manyRegistrationsTogetherAreBoundedToo() {
        for (int i = 0; i < 10_000; i++) {
            call("p" + i + "/Main", "GET /me");
        }
        assertThat(meters.getMeters()).hasSizeLessThan(4_100);
        assertThat(count("other", "other")).isEqualTo(6_000);
    }

    private void call(String registration, String operation) {
        operations.ended(registration, "browser", operation, Calls.Outcome.ANSWERED, Duration.ofMillis(1));
    }

    private long count(String registration, String operation) {
        return meters.get("m365.proxy.operations")
                .tag("registration", registration)
                .tag("operation", operation)
                .timer()
                .count();
    }
}
