package org.m365connector.outbox;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.events.PortalId;
import org.m365connector.events.Topics;

class ConsumptionIT {

    private final Stage stage = new Stage();
    private final Consumption consumption =
            new Consumption(stage.outbox, stage.inbox, stage.transactions, stage.meters);
    private final PortalId portal = new PortalId(stage.name());
    private final String topic = Topics.actions(portal);

    @BeforeEach
    void begin() {
        Stage.KAFKA.createTopic(topic, 1, Map.of());
        Stage.KAFKA.createTopic(Topics.deadLetter(topic), 1, Map.of("max.message.bytes", "2097152"));
        stage.execute("CREATE TABLE effect (said text)");
    }

    @AfterEach
    void end() {
        consumption.stop();
        stage.close();
    }

    @Test
    void eventSentTwiceHasItsEffectOnce() throws Exception {
        var records = send(event("1", "hello"), event("1", "hello"), event("2", "hello"));

        records.forEach(this::process);

        assertThat(effects()).containsExactly("hello", "hello");
        assertThat(deadLetters()).isEmpty();
    }

    @Test
    void repeatMayBeLaidOutOtherwiseAndHaveAnotherTime() throws Exception {
        String first = "{'specversion':'1.0','type':'said.v1','source':'/s','id':'1','time':'2026-11-22T10:00:00Z',"
                + "'deadline':'2026-11-23T10:00:00Z','portaluser':'ada','data':{'words':'hello','to':{'a':1,'b':2}}}";
        String repeat = "{'id':'1','data':{'to':{'b':2,'a':1},  'words':'hello'},'source':'/s','type':'said.v1',"
                + "'specversion':'1.0','time':'2026-11-22T10:00:09Z','deadline':'2026-11-23T10:00:09Z','portaluser':'ada'}";

        send(first, repeat).forEach(this::process);

        assertThat(effects()).containsExactly("hello");
        assertThat(deadLetters()).isEmpty();
    }

    @Test
    void idUsedAgainWithOtherDataGoesToTheDeadLetter() throws Exception {
        send(event("1", "hello"), event("1", "goodbye")).forEach(this::process);

        assertThat(effects()).containsExactly("hello");
        var letters = deadLetters();
        assertThat(letters).hasSize(1);
        assertThat(header(letters.get(0), Outbox.REASON_HEADER)).contains("other data");
    }

    @Test
    void idUsedAgainForAnotherUserGoesToTheDeadLetter() throws Exception {
        String ada =
                "{'specversion':'1.0','type':'said.v1','source':'/s','id':'1','portaluser':'ada','data':{'words':'hi'}}";

        send(ada, ada.replace("ada", "ben")).forEach(this::process);

        assertThat(effects()).containsExactly("hi");
        assertThat(deadLetters()).hasSize(1);
    }

    @Test
    void portalIsTheTopicsSoTheSameIdInAnotherPortalIsAnotherEvent() throws Exception {
        String other = Topics.actions(new PortalId(stage.name() + "-other"));
        Stage.KAFKA.createTopic(other, 1, Map.of());

        send(event("1", "hello")).forEach(this::process);
        Stage.send(List.of(record(other, event("1", "hello")))).forEach(this::process);

        assertThat(effects()).containsExactly("hello", "hello");
    }

    @Test
    void poisonGoesToTheDeadLetterWithTheReasonAndThePartitionGoesOn() throws Exception {
        var poison = record(topic, "this is no event");
        poison.headers().add("content-type", "application/cloudevents+json".getBytes(StandardCharsets.UTF_8));
        poison.headers().add("odd", new byte[] {(byte) 0xff, 0});

        Stage.send(List.of(poison, record(topic, event("1", "hello")))).forEach(this::process);

        assertThat(effects()).containsExactly("hello");
        var letters = deadLetters();
        assertThat(letters).hasSize(1);
        var letter = letters.get(0);
        assertThat(letter.key()).isEqualTo("key");
        assertThat(letter.value()).isEqualTo(poison.value());
        assertThat(Arrays.asList(letter.headers().toArray()))
                .startsWith(poison.headers().toArray());
        assertThat(header(letter, Outbox.REASON_HEADER)).contains("not a CloudEvent");
        assertThat(header(letter, Outbox.TOPIC_HEADER)).isEqualTo(topic);
        assertThat(header(letter, Outbox.PARTITION_HEADER)).isEqualTo("0");
        assertThat(header(letter, Outbox.OFFSET_HEADER)).isEqualTo("0");
    }

    @Test
    void poisonAsLargeAsItsTopicTakesGoesToTheDeadLetterToo() throws Exception {
        send("x".repeat(1024 * 1024 - 200)).forEach(this::process);

        assertThat(deadLetters()).hasSize(1);
    }

    @Test
    void poisonThatIsDeliveredAgainIsPutAsideOnce() throws Exception {
        var record = send("this is no event").get(0);

        process(record);
        process(record);

        assertThat(deadLetters()).hasSize(1);
    }

    @Test
    void handlerMayCallAnEventPoisonAndItsWorkIsUndone() throws Exception {
        var record = send(event("1", "hello")).get(0);

        consumption.process(record, consumed -> {
            effect("half done");
            throw new PoisonException("nobody knows this type");
        });

        assertThat(effects()).isEmpty();
        assertThat(header(deadLetters().get(0), Outbox.REASON_HEADER)).isEqualTo("nobody knows this type");
        // So an operator can replay it once it can be understood.
        process(record);
        assertThat(effects()).containsExactly("hello");
    }

    @Test
    void dataThatDoesNotFitItsTypeIsPoison() throws Exception {
        var record =
                send("{'specversion':'1.0','type':'said.v1','source':'/s','id':'1','data':{'words':{'no':'text'}}}")
                        .get(0);

        process(record);

        assertThat(header(deadLetters().get(0), Outbox.REASON_HEADER)).contains("does not fit");
    }

    @Test
    void dependencyThatIsAwayMakesTheRecordWaitAndIsNeverADeadLetter() throws Exception {
        var record = send(event("1", "hello")).get(0);
        // Given the database refuses the effect
        stage.execute("ALTER TABLE effect RENAME TO gone");

        var processing = CompletableFuture.runAsync(() -> process(record));
        await().until(() -> waiting() == 1);
        assertThat(processing).isNotDone();

        // When it is back
        stage.execute("ALTER TABLE gone RENAME TO effect");

        processing.get(60, SECONDS);
        assertThat(effects()).containsExactly("hello");
        assertThat(waiting()).isZero();
        assertThat(deadLetters()).isEmpty();
    }

    @Test
    void whatWaitsAtTheEndOfTheApplicationIsNotAcknowledged() throws Exception {
        var record = send(event("1", "hello")).get(0);
        var processing = CompletableFuture.runAsync(() -> consumption.process(record, consumed -> {
            throw new IllegalStateException("away");
        }));
        await().until(() -> waiting() == 1);

        consumption.stop();

        assertThatThrownBy(processing::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(Consumption.StoppedException.class);
        assertThat(deadLetters()).isEmpty();
    }

    @Test
    void tombstoneReachesItsHandlerAndIsPoisonWhereThereIsNone() throws Exception {
        var tombstones = Stage.send(List.of(tombstone(), tombstone()));
        var removed = new ArrayList<Consumption.Removed>();

        consumption.process(tombstones.get(0), this::handle, removed::add);

        assertThat(removed).containsExactly(new Consumption.Removed(Optional.of(portal), "key", tombstones.get(0)));

        process(tombstones.get(1));
        assertThat(deadLetters()).hasSize(1);
    }

    @Test
    void tombstoneAndWhatCameBehindItMayBothComeAgain() throws Exception {
        var records = Stage.send(List.of(tombstone(), record(topic, event("1", "back"))));

        for (int times = 0; times < 2; times++) {
            for (var record : records) {
                consumption.process(record, this::handle, removed -> stage.execute("DELETE FROM effect"));
            }
        }

        assertThat(effects()).containsExactly("back");
    }

    @Test
    void whatNoDatabaseCanStoreIsPutAsideAndThePartitionGoesOn() throws Exception {
        var keyWithNul = new ProducerRecord<>(
                topic, null, "k\0ey", event("1", "a").replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        keyWithNul.headers().add("na\0me", new byte[] {1});
        String deep = "{'specversion':'1.0','type':'said.v1','source':'/s','id':'2','data':" + "[".repeat(1000)
                + "]".repeat(1000) + "}";

        Stage.send(List.of(
                        keyWithNul,
                        record(topic, deep),
                        record(topic, event("3\\u0000", "c")),
                        record(topic, event("4", "d\\u0000")),
                        record(topic, event("5", "hello"))))
                .forEach(this::process);

        assertThat(effects()).containsExactly("hello");
        var letters = deadLetters();
        assertThat(letters).hasSize(4);
        assertThat(letters.get(0).key()).isEqualTo("k\uFFFDey");
        assertThat(letters.get(0).value()).isEqualTo(keyWithNul.value());
    }

    @Test
    void recordIsTakenAsItIsOnceForEachPlaceAndOnlyWhereItIsWanted() throws Exception {
        var records = send("no event", "no event", "not wanted");

        for (var record : List.of(records.get(0), records.get(0), records.get(1), records.get(2))) {
            consumption.take(record, one -> !value(one).equals("not wanted"), one -> effect(value(one)));
        }

        assertThat(effects()).containsExactly("no event", "no event");
        assertThat(stage.ask("SELECT count(*) FROM inbox")).isEqualTo("2");
    }

    private static String value(ConsumerRecord<String, byte[]> record) {
        return new String(record.value(), StandardCharsets.UTF_8);
    }

    @Test
    void whatFollowsFromAnEventCarriesItsTrace() throws Exception {
        String trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        String results = stage.topic("results");
        var record = record(topic, event("1", "hello"));
        record.headers().add("traceparent", trace.getBytes(StandardCharsets.UTF_8));

        Stage.send(List.of(record))
                .forEach(one ->
                        consumption.process(one, consumed -> stage.outbox.add(results, "key", Counted.event("a", 1))));

        relayAll();
        assertThat(header(Stage.read(results).get(0), "traceparent")).isEqualTo(trace);
    }

    @Test
    void inboxForgetsAfterEightDays() throws Exception {
        send(event("old", "hello"), event("new", "hello")).forEach(this::process);
        stage.execute("UPDATE inbox SET received_at = now() - interval '8 days 1 minute' WHERE id = 'old'");

        stage.relay();

        await().until(() -> stage.ask("SELECT string_agg(id, ' ') FROM inbox"), "new"::equals);
    }

    @Test
    void methodAroundMustNotHaveATransaction() throws Exception {
        var record = send(event("1", "hello")).get(0);

        assertThatThrownBy(() -> stage.inTransaction(() -> process(record)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("its own transactions");
    }

    private record Said(String words) {}

    private void process(ConsumerRecord<String, byte[]> record) {
        consumption.process(record, this::handle);
    }

    private void handle(Consumed consumed) throws Exception {
        effect(consumed.as(Said.class).data().words());
    }

    private void effect(String words) throws Exception {
        try (var connection = stage.database.getConnection();
                var statement = connection.prepareStatement("INSERT INTO effect VALUES (?)")) {
            statement.setString(1, words);
            statement.execute();
        }
    }

    private List<String> effects() {
        String all = stage.ask("SELECT string_agg(said, ',') FROM effect");
        return all == null ? List.of() : List.of(all.split(","));
    }

    private List<ConsumerRecord<String, byte[]>> deadLetters() {
        relayAll();
        return Stage.read(Topics.deadLetter(topic));
    }

    private void relayAll() {
        stage.relay();
        await().until(() -> stage.waiting() == 0);
    }

    private double waiting() {
        return stage.meters.get("m365.consumption.waiting").gauge().value();
    }

    private static String event(String id, String words) {
        return "{'specversion':'1.0','type':'said.v1','source':'/s','id':'" + id + "','data':{'words':'" + words
                + "'}}";
    }

    private List<ConsumerRecord<String, byte[]>> send(String... events) throws Exception {
        return Stage.send(
                Arrays.stream(events).map(event -> record(topic, event)).toList());
    }

    private ProducerRecord<String, byte[]> tombstone() {
        return new ProducerRecord<>(topic, "key", null);
    }

    private static ProducerRecord<String, byte[]> record(String topic, String event) {
        return new ProducerRecord<>(topic, "key", event.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static String header(ConsumerRecord<String, byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
