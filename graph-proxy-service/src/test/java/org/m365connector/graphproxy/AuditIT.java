package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.events.Topics;
import org.m365connector.view.Views;

/** Every call is on {@code m365.audit}, and nothing of what was in it. */
@QuarkusTest
@QuarkusTestResource(ProxyTestConfig.class)
class AuditIT {

    @Inject
    Views views;

    private final World world = World.get();
    private TestPortal portal;

    @BeforeEach
    void onboard() {
        portal = TestPortal.with(world, views, world.upstreamBase())
                .assign("ADA", "current-user*")
                .token("user:ADA", "token-of-ada");
    }

    @Test
    void everyCallIsTold() throws Exception {
        String target = "/v1.0/users/ada@contoso.example/messages/AAMkSecret/attachments";
        world.upstream().on(target, request -> request.body().onSuccess(body -> request.response()
                .setStatusCode(201)
                .putHeader("request-id", "graph-7")
                .end("a secret answer")));
        send(portal.request("ADA", target + "?$filter=salary")
                .header("client-request-id", "mine-7")
                .POST(BodyPublishers.ofString("a secret question")));
        send(portal.request("BEN", "/v1.0/me/drive"));
        send(portal.request("ADA", "/v1.0/a/../b"));

        List<String> records = records(2);

        JsonObject answered = new JsonObject(records.get(0));
        assertThat(answered.getString("registration")).isEqualTo("Main");
        assertThat(answered.getString("portalUser")).isEqualTo("ADA");
        assertThat(answered.getString("account")).isEqualTo("user:ADA");
        assertThat(answered.getString("operation")).isEqualTo("POST /users/{id}/messages/{id}/attachments");
        assertThat(answered.getString("outcome")).isEqualTo("answered");
        assertThat(answered.getInteger("status")).isEqualTo(201);
        assertThat(answered.getInteger("bytesIn")).isEqualTo(17);
        assertThat(answered.getInteger("bytesOut")).isGreaterThanOrEqualTo(15);
        assertThat(answered.getString("requestId")).isEqualTo("graph-7");
        assertThat(answered.getString("clientRequestId")).isEqualTo("mine-7");
        JsonObject refused = new JsonObject(records.get(1));
        assertThat(refused.getString("outcome")).isEqualTo("refused");
        assertThat(refused.getString("detail")).isEqualTo("portal-user-unknown");
        assertThat(refused.getString("operation")).isEqualTo("GET /me/drive");
        assertThat(records.toString())
                .doesNotContain("secret", "Secret", "salary", "contoso", portal.key(), "token-of");
    }

    @Test
    void figuresAreByRegistrationKindOfAccountAndOperation() throws Exception {
        send(portal.request("ADA", "/v1.0/me/events/AAMk1"));
        send(portal.request("ADA", "/v1.0/me/events/AAMk2"));

        String metrics = send(world.request("/q/metrics")).body();

        assertThat(metrics.lines()
                        .filter(line -> line.startsWith("m365_proxy_operations_seconds_count")
                                && line.contains("registration=\"" + portal.id() + "/Main\"")))
                .singleElement()
                .asString()
                .contains("operation=\"GET /me/events/{id}\"", "account=\"browser\"", "outcome=\"answered\"")
                .endsWith(" 2.0");
        assertThat(metrics).contains("m365_proxy_audit_dropped_total", "m365_proxy_throttle_replicas");
    }

    /** Of this test's portal. */
    private List<String> records(int count) {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class)),
                new StringDeserializer(),
                new StringDeserializer())) {
            List<TopicPartition> partitions = IntStream.range(0, 3)
                    .mapToObj(n -> new TopicPartition(Topics.AUDIT, n))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            List<String> found = new ArrayList<>();
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> {
                    if (record.key().equals(portal.id().value())) {
                        found.add(record.value());
                    }
                });
                return found.size() >= count;
            });
            return found;
        }
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return world.client().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
