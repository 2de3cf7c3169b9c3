package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Kafka goes away while the proxy runs: calls go on with what it knows, and nobody waits for their records. */
class KafkaAwayIT {

    /** As long as a replica may be silent before the others take from its share, twice and more. */
    private static final Duration BEYOND_THE_LEASE = Duration.ofSeconds(12);

    /** What waits for Kafka, and what its client holds, is little and given up soon; usually that takes hours. */
    private static final String[] IMPATIENT = {
        "m365.audit.queue=4", "kafka.delivery.timeout.ms=8000", "kafka.request.timeout.ms=3000"
    };

    private static final String SENT = "m365_proxy_audit_sent_total";
    private static final String DROPPED = "m365_proxy_audit_dropped_total";
    private static final String CONNECTED = "m365_proxy_throttle_connected";

    @Test
    void callsGoOnWithoutKafkaAndEachThatIsNotRecordedIsCounted() throws Exception {
        try (TwoReplicas replicas = new TwoReplicas(IMPATIENT)) {
            for (int replica = 0; replica < 2; replica++) {
                int asked = replica;
                assertThat(status(replicas, asked)).isEqualTo(200);
                await().atMost(Duration.ofMinutes(3)).until(() -> replicas.figure(asked, SENT) == 1);
                assertThat(replicas.figure(asked, CONNECTED)).isEqualTo(1);
                assertThat(replicas.figure(asked, DROPPED)).isZero();
            }

            replicas.stopKafka();
            int calls = callsFor(replicas, BEYOND_THE_LEASE);

            for (int replica = 0; replica < 2; replica++) {
                int asked = replica;
                assertThat(replicas.figure(asked, CONNECTED))
                        .as("its lease is over")
                        .isZero();
                await().atMost(Duration.ofMinutes(3)).untilAsserted(() -> assertThat(replicas.figure(asked, DROPPED))
                        .isEqualTo(calls));
                assertThat(replicas.figure(asked, SENT)).isEqualTo(1);
                assertThat(status(replicas, asked)).isEqualTo(200);
            }
        }
    }

    /** One after the other at both, and each is answered; how many at each. */
    private static int callsFor(TwoReplicas replicas, Duration length) {
        long end = System.nanoTime() + length.toNanos();
        AtomicInteger calls = new AtomicInteger();
        await().atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    assertThat(status(replicas, 0)).isEqualTo(200);
                    assertThat(status(replicas, 1)).isEqualTo(200);
                    return calls.incrementAndGet() >= 50 && System.nanoTime() >= end;
                });
        return calls.get();
    }

    private static int status(TwoReplicas replicas, int replica) throws IOException, InterruptedException {
        return replicas.client()
                .send(replicas.request(replica, "/v1.0/me").build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
