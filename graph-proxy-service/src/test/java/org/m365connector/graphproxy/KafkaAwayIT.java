package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** Kafka goes away while the proxy runs: calls go on with what it knows, and nobody waits for their records. */
class KafkaAwayIT {

    @Test
    void callsGoOnWithoutKafka() throws Exception {
        try (TwoReplicas replicas = new TwoReplicas()) {
            assertThat(status(replicas, 0)).isEqualTo(200);

            replicas.stopKafka();

            for (int call = 0; call < 100; call++) {
                assertThat(status(replicas, call % 2)).isEqualTo(200);
            }
            HttpRequest metrics = HttpRequest.newBuilder(
                            replicas.request(0, "").build().uri().resolve("/q/metrics"))
                    .build();
            assertThat(replicas.client()
                            .send(metrics, HttpResponse.BodyHandlers.ofString())
                            .body())
                    .contains("m365_proxy_audit_dropped_total");
        }
    }

    private static int status(TwoReplicas replicas, int replica) throws Exception {
        return replicas.client()
                .send(replicas.request(replica, "/v1.0/me").build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
