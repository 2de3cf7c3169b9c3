package org.m365connector.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.m365connector.events.EventCodec;
import org.m365connector.events.Reading;

class OutboxIT {

    private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private final Stage stage = new Stage();
    private final Outbox outbox = stage.outbox;

    @AfterEach
    void end() {
        stage.close();
    }

    @Test
    void eventIsPublishedIfItsTransactionCommitsAndNotIfItRollsBack() throws Exception {
        String topic = stage.topic("things");
        stage.relay();

        stage.inTransaction(() -> outbox.add(topic, "a", Counted.event("a", 1)));
        assertThatThrownBy(() -> stage.inTransaction(() -> {
                    outbox.add(topic, "a", Counted.event("a", 2));
                    throw new IllegalArgumentException("the effect failed");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        stage.inTransaction(() -> outbox.add(topic, "a", Counted.event("a", 3)));

        awaitNothingWaits();
        var records = Stage.read(topic);
        assertThat(Stage.texts(records)).containsExactly(json("a", 1), json("a", 3));
        assertThat(EventCodec.read(records.get(0))).isInstanceOf(Reading.Understood.class);
    }

    @Test
    void nothingIsAddedOutsideOfATransaction() {
        assertThatThrownBy(() -> outbox.add("topic", "a", Counted.event("a", 1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("transaction");
        assertThatThrownBy(() -> stage.inbox.firstTime(new EventKey(Optional.empty(), "/s", "1"), new byte[0]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("transaction");
        assertThat(stage.waiting()).isZero();
    }

    @Test
    void eventsOfABatchArriveInTheirOrder() throws Exception {
        String topic = stage.topic("things");
        stage.relay();

        stage.inTransaction(() -> {
            var batch = outbox.batch();
            for (int i = 0; i < 500; i++) {
                batch.add(topic, "a", Counted.event("a", i));
            }
            batch.tombstone(topic, "a", 500);
            batch.write();
            batch.write();
        });
        assertThatThrownBy(() -> outbox.batch().write())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("transaction");

        awaitNothingWaits();
        var records = Stage.read(topic);
        assertThat(records).hasSize(501);
        assertThat(Stage.texts(records.subList(0, 500)))
                .containsExactlyElementsOf(
                        IntStream.range(0, 500).mapToObj(i -> json("a", i)).toList());
        assertThat(records.get(500).value()).isNull();
    }

    @Test
    void eventWhoseTransactionTookLongIsNotOvertakenForEver() throws Exception {
        String topic = stage.topic("things");
        stage.relay();

        // Given a transaction that got the lower id, and is still open when the higher one is published
        stage.transactions.begin();
        outbox.add(topic, "slow", Counted.event("slow", 1));
        var slow = stage.transactions.suspend();
        stage.inTransaction(() -> outbox.add(topic, "quick", Counted.event("quick", 1)));
        awaitNothingWaits();
        assertThat(keys(Stage.read(topic))).containsExactly("quick");

        // When it commits
        stage.transactions.resume(slow);
        stage.transactions.commit();

        // Then its event is published too
        awaitNothingWaits();
        assertThat(keys(Stage.read(topic))).containsExactlyInAnyOrder("quick", "slow");
    }

    @Test
    void brokerThatIsAwayBetweenCommitAndRelayOnlyDelaysTheEvent() throws Exception {
        String topic = stage.topic("things");
        stage.relay();
        stage.inTransaction(() -> outbox.add(topic, "a", Counted.event("a", 1)));
        awaitNothingWaits();

        // Given the broker is gone
        Stage.KAFKA.stop();
        stage.inTransaction(() -> outbox.add(topic, "a", Counted.event("a", 2)));
        await().until(() -> gauge("m365.outbox.leader") == 0);
        assertThat(stage.ask("SELECT attempts FROM outbox")).isEqualTo("0");

        // When it is back
        Stage.KAFKA.restart();

        // Then the event arrives, once
        awaitNothingWaits();
        assertThat(Stage.texts(Stage.read(topic))).containsExactly(json("a", 1), json("a", 2));
    }

    @Test
    void recordThatIsTooLargeBlocksItsKeyOnlyAndIsNeverDropped() throws Exception {
        String topic = stage.topic("things", Map.of("max.message.bytes", "2000"));
        String large = "x".repeat(5000);
        stage.relay();

        // When a record is too large
        stage.inTransaction(() -> {
            outbox.add(topic, "blocked", Counted.event(large, 1));
            outbox.add(topic, "blocked", Counted.event("blocked", 2));
            outbox.add(topic, "free", Counted.event("free", 1));
        });

        // Then other keys go on, it is counted, and what comes behind it waits
        await().until(() -> stage.waiting() == 2);
        assertThat(Stage.texts(Stage.read(topic))).containsExactly(json("free", 1));
        await().until(() -> stage.meters
                        .get("m365.outbox.refused")
                        .tag("topic", topic)
                        .counter()
                        .count()
                >= 2);
        await().until(() -> gauge("m365.outbox.blocked") == 1);
        assertThat(stage.ask("SELECT last_error FROM outbox WHERE attempts > 0"))
                .contains("RecordTooLarge");
        stage.inTransaction(() -> outbox.add(topic, "free", Counted.event("free", 2)));
        await().until(() -> stage.waiting() == 2);

        // And when the operator allows it, both arrive in their order
        allow(topic, 100_000);
        awaitNothingWaits();
        assertThat(ofKey(Stage.read(topic), "blocked")).containsExactly(json(large, 1), json("blocked", 2));
    }

    @Test
    void recordThatIsTooLargeAmongManyOfItsPartitionBlocksItsKeyOnly() throws Exception {
        // Given a topic whose limit is below what the producer puts into one batch
        String topic = stage.missingTopic("things");
        Stage.KAFKA.createTopic(topic, 1, Map.of("max.message.bytes", "2000"));
        stage.inTransaction(() -> {
            for (int i = 0; i < 60; i++) {
                outbox.add(topic, "key" + i, Counted.event(i == 30 ? "x".repeat(5000) : "small", i));
            }
        });

        stage.relay();

        await().until(() -> stage.waiting() == 1);
        assertThat(Stage.texts(Stage.read(topic)))
                .containsExactlyElementsOf(IntStream.range(0, 60)
                        .filter(i -> i != 30)
                        .mapToObj(i -> json("small", i))
                        .toList());
        await().until(() -> "1".equals(stage.ask("SELECT count(*) FROM outbox WHERE attempts > 0")));
    }

    @Test
    void missingTopicBlocksWhatIsForItOnly() throws Exception {
        String there = stage.topic("there");
        String missing = stage.missingTopic("missing");
        stage.relay();

        stage.inTransaction(() -> {
            outbox.add(missing, "a", Counted.event("a", 1));
            outbox.add(there, "a", Counted.event("a", 1));
        });
        await().until(() -> stage.waiting() == 1);
        assertThat(Stage.read(there)).hasSize(1);
        assertThat(stage.ask("SELECT last_error FROM outbox")).contains("UnknownTopicOrPartition");

        Stage.KAFKA.createTopic(missing, 1, Map.of());
        awaitNothingWaits();
        assertThat(Stage.texts(Stage.read(missing))).containsExactly(json("a", 1));
    }

    @Test
    void traceTravelsAlong() throws Exception {
        String topic = stage.topic("things");
        stage.relay();

        stage.inTransaction(() -> outbox.add(topic, "a", Counted.event("a", 1).withExtension("traceparent", TRACE)));

        awaitNothingWaits();
        assertThat(header(Stage.read(topic).get(0), "traceparent")).isEqualTo(TRACE);
    }

    @Test
    void tombstoneHasNoValueAndAVersion() throws Exception {
        String topic = stage.topic("things", Map.of("cleanup.policy", "compact"));
        stage.relay();

        stage.inTransaction(() -> outbox.tombstone(topic, "a", 7));

        awaitNothingWaits();
        var record = Stage.read(topic).get(0);
        assertThat(record.value()).isNull();
        assertThat(record.key()).isEqualTo("a");
        assertThat(header(record, "version")).isEqualTo("7");
    }

    @Test
    void tombstoneBearsTheTimeOfItsTransactionHoweverLateItIsSent() throws Exception {
        String topic = stage.topic("things", Map.of("cleanup.policy", "compact"));
        stage.inTransaction(() -> outbox.tombstone(topic, "a", 7));
        Instant ended = Instant.now();
        await().pollDelay(Duration.ofSeconds(2)).until(() -> true);

        stage.relay();

        awaitNothingWaits();
        // One machine, so one clock; a millisecond is lost by rounding.
        assertThat(Stage.read(topic).get(0).timestamp()).isLessThanOrEqualTo(ended.toEpochMilli() + 1);
    }

    @Test
    void aBacklogOfManyBatchesArrivesInOrder() throws Exception {
        String topic = stage.topic("things");
        int versions = 3 * RelaySettings.BATCH_ROWS + 10;
        stage.inTransaction(() -> {
            for (int version = 1; version <= versions; version++) {
                outbox.add(topic, "a", Counted.event("a", version));
            }
        });

        stage.relay();

        awaitNothingWaits();
        var expected = IntStream.rangeClosed(1, versions)
                .mapToObj(version -> json("a", version))
                .toList();
        assertThat(Stage.texts(Stage.read(topic))).isEqualTo(expected);
        assertThat(stage.meters.get("m365.outbox.published").counter().count()).isEqualTo(versions);
    }

    @Test
    void relayThatIsClosedHandsOverAtOnce() throws Exception {
        String topic = stage.topic("things");
        OutboxRelay first = stage.relay();
        await().until(() -> gauge("m365.outbox.leader") == 1);

        first.close();

        assertThat(stage.ask("SELECT expires_at = '-infinity' FROM outbox_relay"))
                .isEqualTo("t");
        stage.inTransaction(() -> outbox.add(topic, "a", Counted.event("a", 1)));
        stage.relay();
        awaitNothingWaits();
    }

    private void awaitNothingWaits() {
        await().until(() -> stage.waiting() == 0);
    }

    private double gauge(String name) {
        return stage.meters.get(name).gauge().value();
    }

    private static void allow(String topic, int bytes) throws Exception {
        try (Admin admin = Admin.create(Stage.kafka())) {
            var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
            var change = new AlterConfigOp(
                    new ConfigEntry("max.message.bytes", Integer.toString(bytes)), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(resource, List.of(change)))
                    .all()
                    .get();
        }
    }

    private static String json(String thing, long version) {
        return "{\"thing\":\"" + thing + "\",\"version\":" + version + "}";
    }

    private static List<String> keys(List<ConsumerRecord<String, byte[]>> records) {
        return records.stream().map(ConsumerRecord::key).toList();
    }

    private static List<String> ofKey(List<ConsumerRecord<String, byte[]>> records, String key) {
        return Stage.texts(
                records.stream().filter(record -> record.key().equals(key)).toList());
    }

    private static String header(ConsumerRecord<String, byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
