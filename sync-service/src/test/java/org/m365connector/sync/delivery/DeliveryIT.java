package org.m365connector.sync.delivery;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.Topics;
import org.m365connector.outbox.Outbox;
import org.m365connector.sync.GraphStandIn;
import org.m365connector.sync.PortalOfTests;
import org.m365connector.sync.delivery.DeliveryLedger.Claimed;
import org.m365connector.sync.delivery.DeliveryLedger.Offered;
import org.m365connector.sync.delivery.PortalEndpointOfTests.Call;
import org.m365connector.sync.work.LeaseLostException;
import org.m365connector.view.Views;

/** Portals without Kafka hear what is on their topics, whatever happens to the calls. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(GraphStandIn.class)
class DeliveryIT {
    private static final String API_KEY = "key-of-the-endpoint";
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** Before anything that only looks now and then. */
    private static final Duration SOON = Duration.ofMinutes(1);

    @Inject
    DataSource database;

    @Inject
    DeliveryLedger ledger;

    @Inject
    Views views;

    private final PortalEndpointOfTests endpoint = new PortalEndpointOfTests();
    private PortalOfTests portal;

    @BeforeEach
    void onboard() {
        portal = new PortalOfTests();
        portal.livesAt(views, endpoint.origin());
    }

    @AfterEach
    void leave() {
        request().delete(path());
        portal.close();
        endpoint.close();
    }

    private RequestSpecification request() {
        return given().header("X-API-Key", portal.key).contentType("application/json");
    }

    private String path() {
        return "/api/portals/" + portal.id + "/delivery";
    }

    private Response put(Map<String, Object> delivery) {
        return await().until(() -> request().body(delivery).put(path()), answer -> answer.statusCode() != 401);
    }

    private void push(String... topics) {
        Response answer = put(Map.of("url", endpoint.url(), "apiKey", API_KEY, "topics", List.of(topics)));
        assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
    }

    private void collect() {
        assertThat(put(Map.of()).statusCode()).isEqualTo(200);
    }

    /** As the suite publishes it; its id. */
    private String publish(String topic, String key, String text) {
        String id = UUID.randomUUID().toString();
        portal.send(EventCodec.write(
                topic,
                key,
                Event.of(id, URI.create("/m365/test/Main"), "test-told.v1", Instant.now(), Map.of("text", text))
                        .withExtension(Event.CAUSATION_ID, "größer \"als\" 5 %")));
        return id;
    }

    private List<String> publish(String key, int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> publish(Topics.results(portal.id), key, "number " + number))
                .toList();
    }

    private void awaitCalls(int count) {
        await().atMost(PATIENCE).until(() -> endpoint.calls().size() >= count);
    }

    @Test
    void eventsOfAllTopicsArriveAsTheyAreThere() {
        push("changes", "results", "logins");
        List<String> topics = List.of(Topics.changes(portal.id), Topics.results(portal.id), Topics.logins(portal.id));
        topics.forEach(topic -> publish(topic, "Schlüssel 1", "told on " + topic));

        awaitCalls(3);
        assertThat(endpoint.calls()).allSatisfy(call -> {
            assertThat(call.header("X-API-KEY")).isEqualTo(API_KEY);
            assertThat(call.header("X-M365-Portal")).isEqualTo(portal.id.value());
            assertThat(call.header("X-M365-Key")).isEqualTo("Schl%C3%BCssel%201");
            assertThat(call.header("ce-type")).isEqualTo("test-told.v1");
            assertThat(call.header("ce-causationid")).isEqualTo("gr%C3%B6%C3%9Fer%20%22als%22%205%20%25");
            assertThat(call.header("Content-Type")).startsWith("application/json");
            ConsumerRecord<String, byte[]> record = PortalOfTests.records(
                            "portal." + portal.id + "." + call.header("X-M365-Topic"))
                    .get(0);
            assertThat(call.bytes()).isEqualTo(record.value());
            assertThat(call.id())
                    .isEqualTo(new String(record.headers().lastHeader("ce_id").value(), StandardCharsets.UTF_8));
        });
        await().atMost(PATIENCE).until(() -> get().getInt("waiting") == 0);
        assertThat(endpoint.calls()).hasSize(3);
        assertThat(get().getString("state")).isEqualTo("pushing");
    }

    private JsonPath get() {
        return request().get(path()).jsonPath();
    }

    @Test
    void eventsOfOneKeyComeOneAfterTheOtherAndInOrder() {
        Set<String> underWay = ConcurrentHashMap.newKeySet();
        AtomicBoolean together = new AtomicBoolean();
        endpoint.answer(call -> {
            if (!underWay.add(call.header("X-M365-Key"))) {
                together.set(true);
            }
            LockSupport.parkNanos(2_000_000);
            underWay.remove(call.header("X-M365-Key"));
            return 200;
        });
        push("results");
        Map<String, List<String>> told = new java.util.HashMap<>();
        for (String key : List.of("a", "b", "c")) {
            told.put(key, publish(key, 15));
        }

        awaitCalls(45);
        told.forEach((key, ids) -> assertThat(endpoint.ids(key)).isEqualTo(ids));
        assertThat(together).isFalse();
    }

    @Test
    void lostAnswersAreRepeatedWithTheSameIdAndNothingIsLost() {
        Set<String> cut = ConcurrentHashMap.newKeySet();
        endpoint.answer(call -> cut.add(call.id()) ? PortalEndpointOfTests.CUT : 200);
        push("results");
        List<String> ids = publish("a", 5);

        awaitCalls(10);
        assertThat(endpoint.ids("a").stream().distinct().toList()).isEqualTo(ids);
        assertThat(endpoint.ids("a")).hasSize(10);
    }

    @Test
    void portalThatIsAwayGetsEverythingLaterAndNothingIsPutAside() {
        endpoint.answer(call -> 503);
        push("results");
        List<String> ids = publish("a", 3);
        List<String> others = publish("b", 3);
        awaitCalls(12);
        assertThat(get().getString("state")).isEqualTo("waiting");
        assertThat(get().getString("problem")).isEqualTo("HTTP 503");
        assertThat(get().getInt("waiting")).isEqualTo(6);

        List<Call> taken = java.util.Collections.synchronizedList(new ArrayList<>());
        endpoint.answer(call -> {
            taken.add(call);
            return 204;
        });
        await().atMost(PATIENCE).until(() -> taken.size() == 6);
        assertThat(taken.stream().map(Call::id).filter(ids::contains)).containsExactlyElementsOf(ids);
        assertThat(taken.stream().map(Call::id).filter(others::contains)).containsExactlyElementsOf(others);
        assertThat(PortalOfTests.records(Topics.deadLetter(Topics.results(portal.id))))
                .isEmpty();
    }

    @Test
    void refusedEventHoldsUpItsKeyOnlyAndGoesToTheDeadLetter() {
        push("results");
        String[] refused = new String[1];
        endpoint.answer(call -> call.id().equals(refused[0]) ? 422 : 200);
        refused[0] = publish(Topics.results(portal.id), "a", "is refused");
        String behind = publish(Topics.results(portal.id), "a", "waits behind it");
        publish("b", 3);

        await().atMost(PATIENCE).until(() -> endpoint.ids("b").size() == 3);
        await().atMost(PATIENCE).until(() -> endpoint.ids("a").contains(behind));
        assertThat(endpoint.ids("a")).containsExactly(refused[0], refused[0], refused[0], behind);
        List<ConsumerRecord<String, byte[]>> letters = await().atMost(PATIENCE)
                .until(
                        () -> PortalOfTests.records(Topics.deadLetter(Topics.results(portal.id))),
                        found -> !found.isEmpty());
        assertThat(letters).singleElement().satisfies(letter -> {
            assertThat(letter.key()).isEqualTo("a");
            assertThat(new String(letter.value(), StandardCharsets.UTF_8)).isEqualTo("{\"text\":\"is refused\"}");
            assertThat(text(letter, "ce_id")).isEqualTo(refused[0]);
            assertThat(text(letter, Outbox.REASON_HEADER))
                    .contains("refused it 3 times")
                    .contains("422");
            assertThat(text(letter, Outbox.TOPIC_HEADER)).isEqualTo(Topics.results(portal.id));
        });
    }

    private static String text(ConsumerRecord<String, byte[]> record, String header) {
        return new String(record.headers().lastHeader(header).value(), StandardCharsets.UTF_8);
    }

    @Test
    void onePortalHasOneWorkerAndWhoHasLostItSettlesNothing() throws SQLException {
        // Away for everybody but this test.
        endpoint.answer(call -> 503);
        push("results");
        publish("a", 2);
        awaitCalls(3);
        Claimed mine = await().atMost(PATIENCE)
                .until(this::claimMine, Optional::isPresent)
                .get();
        List<StagedEvent> offered = ledger.offerable(mine, Set.of(), 10);

        assertThat(claimMine()).isEmpty();
        assertThat(offered).hasSizeLessThanOrEqualTo(1);

        update("update delivery set lease_expires_at = now() - interval '1 second' where portal = ?");
        assertThat(ledger.offerable(mine, Set.of(), 10)).isEmpty();
        Claimed next = await().atMost(PATIENCE)
                .until(this::claimMine, Optional::isPresent)
                .get();
        assertThatThrownBy(() -> ledger.settle(mine, List.of(new Offered(1, new Answer.Taken()))))
                .isInstanceOf(LeaseLostException.class);
        assertThat(get().getInt("waiting")).isEqualTo(2);

        endpoint.answer(call -> 200);
        ledger.rest(next);
        await().atMost(PATIENCE).until(() -> get().getInt("waiting") == 0);
    }

    /** Another replica, as it were, that is faster than the workers of this one. */
    private Optional<Claimed> claimMine() {
        return ledger.claim().filter(claimed -> {
            if (!claimed.portal().equals(portal.id)) {
                ledger.rest(claimed);
            }
            return claimed.portal().equals(portal.id);
        });
    }

    private void update(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement(sql)) {
            statement.setString(1, portal.id.value());
            statement.executeUpdate();
        }
    }

    @Test
    void originsAreAskedBeforeEachCallAndTheKeyIsKeptEncrypted() throws SQLException {
        push("results");
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement("select api_key from delivery where portal = ?")) {
            statement.setString(1, portal.id.value());
            try (var rows = statement.executeQuery()) {
                assertThat(rows.next()).isTrue();
                assertThat(new String(rows.getBytes(1), StandardCharsets.ISO_8859_1))
                        .doesNotContain(API_KEY);
            }
        }
        portal.livesAt(views, "https://elsewhere.example");
        publish("a", 1);
        await().atMost(PATIENCE).until(() -> get().getString("problem") != null);
        assertThat(get().getString("problem")).contains("origins");
        assertThat(endpoint.calls()).isEmpty();
    }

    /** Whoever has no Kafka hears of it in the same two ways as of changes. */
    @Test
    void howFarAWatchHasGotArrivesToo() {
        push("changes");
        String watch = watch();
        await().atMost(PATIENCE).until(() -> endpoint.calls().stream()
                .anyMatch(call -> call.header("ce-type").equals("watch-progressed.v1")
                        && call.body().contains(watch)
                        && call.body().contains("\"done\":true")));
        assertThat(endpoint.calls().get(0).header("x-m365-key")).contains("mailFolders");

        collect();
        String second = watch();
        JsonPath page = await().atMost(PATIENCE)
                .until(
                        () -> request()
                                .get("/api/portals/" + portal.id + "/events?wait=5")
                                .jsonPath(),
                        found -> found.getList("items.event.data.watch").contains(second));
        assertThat(page.getString("items.event.find { it.data.watch == '" + second + "' }.type"))
                .isEqualTo("watch-progressed.v1");
        for (String made : List.of(watch, second)) {
            request().delete(watches() + "/" + made).then().statusCode(204);
            await().atMost(PATIENCE)
                    .until(() -> request().get(watches() + "/" + made).statusCode() == 404);
        }
    }

    private String watches() {
        return "/api/portals/" + portal.id + "/registrations/Main/watches";
    }

    private String watch() {
        Map<String, Object> wanted =
                Map.of("kind", "mail-folder", "resource", Map.of("folder", "inbox"), "portaluser", "CLARA");
        Response answer = request().body(wanted).post(watches());
        assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(201);
        return answer.path("id");
    }

    @Test
    void whatCannotBeDeliveredToIsRefused() {
        for (Map<String, Object> wrong : List.<Map<String, Object>>of(
                Map.of("url", "https://elsewhere.example/api", "apiKey", "k"),
                Map.of("url", "http://169.254.169.254/latest/meta-data", "apiKey", "k"),
                Map.of("url", endpoint.url()),
                Map.of("apiKey", "k"),
                Map.of("url", endpoint.url(), "apiKey", "with\r\nX-Evil: header"),
                Map.of("topics", List.of("actions")))) {
            Response answer = put(wrong);
            assertThat(answer.statusCode()).as(wrong.toString()).isEqualTo(422);
            assertThat(answer.jsonPath().getString("type")).endsWith("invalid-delivery");
        }
        assertThat(request().get(path()).statusCode()).isEqualTo(404);
        assertThat(given().header("X-API-Key", "somebody-else's").get(path()).statusCode())
                .isEqualTo(401);
    }

    @Test
    void whoCannotBeReachedAsksAndWaits() throws Exception {
        String events = "/api/portals/" + portal.id + "/events";
        assertThat(await().until(() -> request().get(events), answer -> answer.statusCode() != 401)
                        .statusCode())
                .isEqualTo(404);
        collect();
        CompletableFuture<JsonPath> waiting = CompletableFuture.supplyAsync(() -> await().atMost(PATIENCE)
                .until(() -> request().get(events + "?wait=30").jsonPath(), page -> !page.getList("items")
                        .isEmpty()));
        String first = publish(Topics.results(portal.id), "a", "first");
        JsonPath page = waiting.get();
        assertThat(page.getList("items.event.id")).containsExactly(first);
        assertThat(page.getString("items[0].event.data.text")).isEqualTo("first");
        assertThat(page.getString("items[0].key")).isEqualTo("a");
        assertThat(page.getString("items[0].topic")).isEqualTo("results");
        assertThat(page.getString("items[0].event.causationid")).isEqualTo("größer \"als\" 5 %");

        List<String> more = publish("a", 3);
        String after = page.getString("next");
        await().atMost(PATIENCE).until(() -> request()
                .get(events + "?after=" + after)
                .jsonPath()
                .getList("items.event.id")
                .equals(more));
        JsonPath limited = request().get(events + "?limit=2&after=" + after).jsonPath();
        assertThat(limited.getList("items.event.id")).isEqualTo(more.subList(0, 2));
        JsonPath rest =
                request().get(events + "?after=" + limited.getString("next")).jsonPath();
        assertThat(rest.getList("items.event.id")).isEqualTo(more.subList(2, 3));
        JsonPath none =
                request().get(events + "?after=" + rest.getString("next")).jsonPath();
        assertThat(none.getList("items")).isEmpty();
        assertThat(none.getString("next")).isEqualTo(rest.getString("next"));

        push("results");
        assertThat(request().get(events).statusCode()).isEqualTo(409);
        await().atMost(PATIENCE).until(() -> endpoint.calls().size() == 4);
    }

    @Test
    void portalThatIsRemovedAndOnboardedAgainAtOnceHasNothingOfItsLifeBefore() {
        collect();
        publish("a", 1);
        await().atMost(PATIENCE).until(() -> get().getInt("waiting") == 1);

        portal.ended(System.nanoTime());
        portal.livesAt(views, endpoint.origin());

        await().atMost(SOON).until(() -> request().get(path()).statusCode() == 404);
        collect();
        assertThat(get().getInt("waiting")).isZero();
        String id = publish(Topics.results(portal.id), "a", "of its new life");
        await().atMost(PATIENCE).until(() -> get().getInt("waiting") == 1);
        assertThat(request()
                        .get("/api/portals/" + portal.id + "/events")
                        .jsonPath()
                        .getList("items.event.id"))
                .containsExactly(id);
    }

    @Test
    void endThatIsHeardOfLateTakesOnlyWhatIsOfTheLifeBefore() {
        collect();
        publish("a", 2);
        await().atMost(PATIENCE).until(() -> get().getInt("waiting") == 2);
        long end = System.nanoTime();
        portal.livesAt(views, endpoint.origin());
        collect();
        String id = publish(Topics.results(portal.id), "a", "of its new life");
        await().atMost(PATIENCE).until(() -> get().getInt("waiting") == 3);

        portal.ended(end);

        await().atMost(SOON).until(() -> get().getInt("waiting") == 1);
        push("results");
        awaitCalls(1);
        assertThat(endpoint.ids("a")).containsExactly(id);
    }

    @Test
    void dataThatIsNoJsonComesToBothAsItIs() {
        collect();
        byte[] odd = {(byte) 0xFF, 0, '{'};
        ProducerRecord<String, byte[]> record = EventCodec.write(
                Topics.changes(portal.id),
                "a",
                Event.of("odd", URI.create("/m365/test/Main"), "test-told.v1", Instant.now(), "x"));
        portal.send(new ProducerRecord<>(record.topic(), null, record.key(), odd, record.headers()));
        JsonPath page = await().atMost(PATIENCE)
                .until(
                        () -> request()
                                .get("/api/portals/" + portal.id + "/events")
                                .jsonPath(),
                        found -> !found.getList("items").isEmpty());
        assertThat(java.util.Base64.getDecoder().decode(page.getString("items[0].event.data_base64")))
                .isEqualTo(odd);

        push("changes");
        awaitCalls(1);
        assertThat(endpoint.calls().get(0).bytes()).isEqualTo(odd);
    }
}
