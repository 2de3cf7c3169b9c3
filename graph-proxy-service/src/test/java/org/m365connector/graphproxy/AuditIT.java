package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
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

        List<String> records = records(2);

        // What was answered is told when its last byte has left: that may be after the next caller's refusal.
        Map<String, JsonObject> told = records.stream()
                .map(JsonObject::new)
                .collect(Collectors.toMap(record -> record.getString("outcome"), Function.identity()));
        JsonObject answered = told.get("answered");
        assertThat(answered.getString("registration")).isEqualTo("Main");
        assertThat(answered.getString("portalUser")).isEqualTo("ADA");
        assertThat(answered.getString("account")).isEqualTo("user:ADA");
        assertThat(answered.getString("operation")).isEqualTo("POST /users/{id}/messages/{id}/attachments");
        assertThat(answered.getInteger("status")).isEqualTo(201);
        assertThat(answered.getInteger("bytesIn")).isEqualTo(17);
        assertThat(answered.getInteger("bytesOut")).isGreaterThanOrEqualTo(15);
        assertThat(answered.getString("requestId")).isEqualTo("graph-7");
        assertThat(answered.getString("clientRequestId")).isEqualTo("mine-7");
        JsonObject refused = told.get("refused");
        assertThat(refused.getString("detail")).isEqualTo("portal-user-unknown");
        assertThat(refused.getString("operation")).isEqualTo("GET /me/drive");
        assertThat(records.toString())
                .doesNotContain("secret", "Secret", "salary", "contoso", portal.key(), "token-of");
    }

    @Test
    void refusalsTellWhoAndAsWhomAsFarAsThatIsKnown() throws Exception {
        portal.assign("CLARA", "service*");
        send(portal.request("ADA", "/v1.0/a/../b"));
        send(portal.request("ADA", "/v2.0/me/messages"));
        send(portal.request("CLARA", "/v1.0/me/messages"));
        send(portal.request("ADA", "/v1.0/me/drive").setHeader("X-API-Key", "no-key-of-anybody"));
        send(portal.request("ADA", "/v1.0/me/drive").setHeader("X-Portal-User", "x".repeat(65)));

        List<JsonObject> records = records(5).stream().map(JsonObject::new).toList();

        assertThat(records)
                .extracting(
                        record -> record.getString("detail"),
                        record -> record.getString("portalUser"),
                        record -> record.getString("account"),
                        record -> record.getString("operation"),
                        record -> record.getString("registration"))
                .containsExactly(
                        tuple("path-not-allowed", "ADA", null, "GET {unreadable}", "Main"),
                        tuple("path-not-allowed", "ADA", null, "GET {unreadable}", "Main"),
                        tuple("app-only-not-supported", "CLARA", "service", "GET /me/messages", "Main"),
                        tuple("unauthorized", "ADA", null, "GET /me/drive", "Main"),
                        tuple("invalid-request", null, null, "GET /me/drive", "Main"));
    }

    /** Wherever it ends: its caller looks for it by the id that he gave it. */
    @Test
    void refusedCallIsFoundByTheCallersOwnId() throws Exception {
        portal.assign("CLARA", "service*");
        portal.assign("BEN", "current-user*");
        List<HttpRequest.Builder> refused = List.of(
                portal.request("ADA", "/v1.0/a/../b"),
                portal.request("CLARA", "/v1.0/me/messages"),
                // Only now it turns out that he has not signed in.
                portal.request("BEN", "/v1.0/me/messages"));

        for (HttpRequest.Builder call : refused) {
            HttpResponse<String> answer = send(call.header("client-request-id", "mine-9"));

            assertThat(answer.statusCode()).isBetween(400, 499);
            assertThat(new JsonObject(answer.body()).getString("clientRequestId"))
                    .isEqualTo("mine-9");
        }
        HttpResponse<String> without = send(portal.request("ADA", "/v1.0/a/../b"));
        assertThat(new JsonObject(without.body()).containsKey("clientRequestId"))
                .isFalse();
        HttpResponse<String> madeUp =
                send(portal.request("CLARA", "/v1.0/me/messages").header("client-request-id", "i".repeat(9_000)));
        assertThat(new JsonObject(madeUp.body()).getString("clientRequestId")).isEqualTo("i".repeat(128));

        assertThat(records(5).stream().map(JsonObject::new))
                .extracting(record -> record.getString("outcome"), record -> record.getString("clientRequestId"))
                .containsExactly(
                        tuple("refused", "mine-9"),
                        tuple("refused", "mine-9"),
                        tuple("refused", "mine-9"),
                        tuple("refused", null),
                        tuple("refused", "i".repeat(128)));
    }

    /** Of a call that is let through and of one that is not. */
    @Test
    void ruleThatGaveTheAccountIsNamed() throws Exception {
        portal.assignByGroup("CLARA", "service", "Sales");
        portal.token("service", "token-of-the-app");
        send(portal.request("CLARA", "/v1.0/users/x/messages"));
        send(portal.request("CLARA", "/v1.0/me/messages"));
        send(portal.request("ADA", "/v1.0/me/messages"));

        List<JsonObject> records = records(3).stream().map(JsonObject::new).toList();

        assertThat(records)
                .filteredOn(record -> record.getString("portalUser").equals("CLARA"))
                .hasSize(2)
                .allSatisfy(record -> assertThat(record.getJsonObject("rule"))
                        .isEqualTo(new JsonObject().put("kind", "group").put("name", "Sales")));
        assertThat(records)
                .filteredOn(record -> record.getString("portalUser").equals("ADA"))
                .singleElement()
                .satisfies(record -> assertThat(record.getJsonObject("rule")).isNull());
    }

    @Test
    void whatCallersMakeUpIsCut() throws Exception {
        send(portal.request("ADA", "/v1.0/me/drive").header("client-request-id", "i".repeat(9_000)));

        assertThat(new JsonObject(records(1).get(0)).getString("clientRequestId"))
                .isEqualTo("i".repeat(128));
    }

    /** Neither its length nor that it was streamed was said before. */
    @Test
    void bytesOfABodyOfUnknownLengthAreCounted() throws Exception {
        byte[] large = new byte[300_000];
        send(portal.request("ADA", "/v1.0/me/drive/x")
                .PUT(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large))));
        send(portal.request("ADA", "/v1.0/me/drive/x").PUT(BodyPublishers.ofByteArray(large)));

        assertThat(records(2).stream().map(JsonObject::new))
                .allSatisfy(record -> assertThat(record.getInteger("bytesIn")).isEqualTo(large.length));
    }

    /** However many there are: each is recorded or counted, and none takes the place of somebody else's. */
    @Test
    void callersWithoutAKeyDisplaceNobody() throws Exception {
        int strangers = 400;
        long before = strangersDropped();
        HttpRequest wrong = portal.request("ADA", "/v1.0/me/drive")
                .setHeader("X-API-Key", "no-key-of-anybody")
                .build();
        List<CompletableFuture<HttpResponse<Void>>> calls = new ArrayList<>();
        for (int i = 0; i < strangers; i++) {
            calls.add(world.client().sendAsync(wrong, HttpResponse.BodyHandlers.discarding()));
        }
        send(portal.request("ADA", "/v1.0/me/drive"));
        calls.forEach(call -> assertThat(call.join().statusCode()).isEqualTo(401));

        int recorded = Math.toIntExact(strangers - (strangersDropped() - before));
        assertThat(records(recorded + 1))
                .hasSize(recorded + 1)
                .filteredOn(record -> record.contains("answered"))
                .hasSize(1);
    }

    private long strangersDropped() throws Exception {
        return send(world.request("/q/metrics"))
                .body()
                .lines()
                .filter(line -> line.startsWith("m365_proxy_audit_strangers_dropped_total "))
                .mapToLong(line -> (long) Double.parseDouble(line.split(" ", -1)[1]))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void figuresAreByRegistrationKindOfAccountAndOperation() throws Exception {
        send(portal.request("ADA", "/v1.0/me/events/AAMk1"));
        send(portal.request("ADA", "/v1.0/me/events/AAMk2"));

        // A call is counted when its answer has gone out.
        await().atMost(Duration.ofMinutes(3)).untilAsserted(() -> {
            String metrics = send(world.request("/q/metrics")).body();
            assertThat(metrics.lines()
                            .filter(line -> line.startsWith("m365_proxy_operations_seconds_count")
                                    && line.contains("registration=\"" + portal.id() + "/Main\"")))
                    .singleElement()
                    .asString()
                    .contains("operation=\"GET /me/events/{id}\"", "account=\"browser\"", "outcome=\"answered\"")
                    .endsWith(" 2.0");
            assertThat(metrics).contains("m365_proxy_audit_dropped_total", "m365_proxy_throttle_replicas");
        });
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
            await().atMost(Duration.ofMinutes(3)).until(() -> {
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
