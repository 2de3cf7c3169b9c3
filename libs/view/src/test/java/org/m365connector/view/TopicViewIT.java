package org.m365connector.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.m365connector.backends.KafkaBroker;
import org.m365connector.backends.Ports;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.PortalState;
import org.m365connector.events.TombstoneVersion;

class TopicViewIT {
    private static final Duration SOON = Duration.ofMinutes(3);

    private static KafkaBroker broker;

    private final String topic = "view-" + UUID.randomUUID();
    private final MovableClock clock = new MovableClock();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private KafkaProducer<String, byte[]> producer;
    private TopicView<String> view;

    @BeforeAll
    static void startBroker() {
        broker = KafkaBroker.start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void openProducer() {
        producer = newProducer(broker, Map.of());
    }

    @AfterEach
    void closeClients() {
        if (view != null) {
            view.close();
        }
        producer.close(Duration.ZERO);
    }

    @Test
    void viewBuiltFromNothingEqualsTheTopic() throws Exception {
        // Given
        createTopic(3, Map.of());
        var expected = new HashMap<String, String>();
        for (var i = 0; i < 600; i++) {
            var key = "key-" + i % 200;
            write(key, i, "value-" + i);
            expected.put(key, i + ":value-" + i);
        }
        for (var i = 0; i < 50; i++) {
            erase("key-" + i, 1000);
            expected.remove("key-" + i);
        }
        producer.flush();

        // When
        startView();

        // Then
        assertThat(view.awaitReady(SOON)).isTrue();
        assertThat(view.snapshot()).isEqualTo(expected);
        assertThat(view.size()).isEqualTo(150);
        assertThat(view.age()).isLessThan(SOON);
    }

    @Test
    void editionGoesUpBehindWhatItStandsFor() throws Exception {
        createTopic(1, Map.of());
        startView();
        assertThat(view.awaitReady(SOON)).isTrue();
        var empty = view.edition();
        var changes = 3_000;
        for (var i = 1; i <= changes; i++) {
            write("ada", i, "there");
            // Not news, so no edition.
            write("ada", i - 1, "late");
        }
        producer.flush();

        var end = System.nanoTime() + SOON.toNanos();
        var edition = empty;
        while (edition < empty + changes && System.nanoTime() < end) {
            edition = view.edition();
            if (edition > empty) {
                var seen = view.get("ada").orElseThrow();
                assertThat(Long.parseLong(seen.substring(0, seen.indexOf(':'))))
                        .isGreaterThanOrEqualTo(edition - empty);
            }
        }
        assertThat(edition).isEqualTo(empty + changes);

        erase("ada", changes);
        producer.flush();
        await().atMost(SOON).until(() -> view.edition() == empty + changes + 1);
        assertThat(view.get("ada")).isEmpty();
    }

    @Test
    void whatWasNotCommittedIsNotSeen() throws Exception {
        createTopic(1, Map.of());
        try (var transactional = newProducer(broker, Map.of(ProducerConfig.TRANSACTIONAL_ID_CONFIG, topic))) {
            transactional.initTransactions();
            transactional.beginTransaction();
            transactional
                    .send(new ProducerRecord<>(topic, "ada", bytes("1:committed")))
                    .get();
            transactional.commitTransaction();
            transactional.beginTransaction();
            transactional
                    .send(new ProducerRecord<>(topic, "ada", bytes("2:aborted")))
                    .get();
            transactional.flush();
            transactional.abortTransaction();
        }

        startView();

        assertThat(view.awaitReady(SOON)).isTrue();
        assertThat(view.get("ada")).contains("1:committed");
    }

    @Test
    void viewSaysWhetherAllThatWasCommittedBeforeAMomentIsThere() throws Exception {
        createTopic(1, Map.of());
        startView();
        assertThat(view.awaitReady(SOON)).isTrue();
        write("ada", 1, "there");
        producer.flush();
        var moment = clock.instant().plusSeconds(60);
        assertThat(view.isCompleteAsOf(moment))
                .as("a moment that is still to come")
                .isFalse();

        clock.advance(Duration.ofMinutes(1));

        await().atMost(SOON).until(() -> view.isCompleteAsOf(moment));
        assertThat(view.get("ada")).contains("1:there");
    }

    @Test
    void emptyTopicIsReadyAndStaysFreshWithoutAnyRecord() throws Exception {
        createTopic(2, Map.of());
        startView();
        assertThat(view.awaitReady(SOON)).isTrue();

        clock.advance(Duration.ofMinutes(1));

        await().atMost(SOON).until(() -> !view.stale());
        assertThat(view.size()).isZero();
    }

    @Test
    void topicThatDoesNotExistYetIsWaitedFor() throws Exception {
        startView();
        assertThat(view.awaitReady(Duration.ofMillis(500))).isFalse();

        createTopic(1, Map.of());
        write("ada", 1, "here");

        assertThat(view.awaitReady(SOON)).isTrue();
        await().atMost(SOON).until(() -> view.get("ada").isPresent());
    }

    @Test
    void olderVersionNeverReplacesANewerOneNorRevivesARemovedKey() throws Exception {
        createTopic(1, Map.of());
        startView();
        write("ada", 5, "new");
        write("ada", 4, "old");
        write("ben", 1, "first");
        erase("ben", 2);
        write("ben", 1, "first");
        write("last", 1, "marks the end");

        await().atMost(SOON).until(() -> view.get("last").isPresent());

        assertThat(view.get("ada")).contains("5:new");
        assertThat(view.get("ben")).isEmpty();
    }

    @Test
    void changesAreToldWithOldAndNew() throws Exception {
        createTopic(1, Map.of());
        startView();
        assertThat(view.awaitReady(SOON)).isTrue();

        write("ada", 1, "a");
        write("ada", 2, "b");
        erase("ada", 3);

        await().atMost(SOON).until(() -> heard.size() == 3);
        assertThat(heard).containsExactly("ada:  -> 1:a", "ada: 1:a -> 2:b", "ada: 2:b -> ");
    }

    @Test
    void listenerThatComesLaterHearsWhatIsThereFirst() throws Exception {
        createTopic(1, Map.of());
        write("ada", 1, "a");
        startView();
        assertThat(view.awaitReady(SOON)).isTrue();
        var late = new CopyOnWriteArrayList<String>();

        view.onChange((key, old, now) -> late.add(told(key, old, now)));
        write("ada", 2, "b");

        await().atMost(SOON).until(() -> view.get("ada").equals(Optional.of("2:b")));
        await().atMost(SOON).until(() -> late.contains("ada:  -> 2:b") || late.contains("ada: 1:a -> 2:b"));
        assertThat(late.get(0)).startsWith("ada:  -> ");
    }

    @Test
    void listenerThatFailsDoesNotStopTheView() throws Exception {
        createTopic(1, Map.of());
        startView();
        view.onChange((key, old, now) -> {
            throw new IllegalStateException("thrown on purpose");
        });
        write("ada", 1, "a");
        write("ben", 1, "b");

        await().atMost(SOON).until(() -> view.get("ben").isPresent());
    }

    @Test
    void recordThatCannotBeUnderstoodIsCountedAndDoesNotEndTheView() throws Exception {
        createTopic(1, Map.of());
        producer.send(new ProducerRecord<>(topic, "ada", bytes("nonsense"))).get();
        var badTombstone = new ProducerRecord<String, byte[]>(topic, "ada", null);
        badTombstone.headers().add(TombstoneVersion.HEADER, bytes("not a number"));
        producer.send(badTombstone).get();
        write("ben", 1, "understood");
        producer.flush();

        startView();

        assertThat(view.awaitReady(SOON)).isTrue();
        assertThat(view.snapshot()).isEqualTo(Map.of("ben", "1:understood"));
        assertThat(view.undecodable()).isEqualTo(2);
    }

    @Test
    void nobodyKeepsWhatARecordTookAwayThatCannotBeUnderstood() throws Exception {
        // Given
        createTopic(1, Map.of());
        write("ada", 1, "may");
        startView();
        assertThat(view.await("ada", SOON)).contains("1:may");

        // When
        producer.send(new ProducerRecord<>(topic, "ada", bytes("nonsense"))).get();

        // Then
        await().atMost(SOON).until(() -> view.get("ada").isEmpty());
        assertThat(heard).containsExactly("ada:  -> 1:may", "ada: 1:may -> ");
        assertThat(view.undecodable()).isEqualTo(1);

        // And what was known before does not come back, but what is newer counts
        write("ada", 1, "may");
        write("ada", 2, "may again");
        assertThat(view.await("ada", SOON)).contains("2:may again");
    }

    @Test
    void partitionsAddedLaterAreReadFromTheirBeginning() throws Exception {
        createTopic(1, Map.of());
        startView();
        assertThat(view.awaitReady(SOON)).isTrue();

        try (var admin = admin(broker)) {
            admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(3)))
                    .all()
                    .get();
        }
        for (var partition = 0; partition < 3; partition++) {
            producer.send(new ProducerRecord<>(topic, partition, "key-" + partition, bytes("1:here")))
                    .get();
        }

        await().atMost(SOON).until(() -> view.size() == 3);
    }

    @Test
    void keysThatVanishedWhileBeingAwayTooLongAreRemoved() throws Exception {
        // Given a view of two keys
        createTopic(1, Map.of("cleanup.policy", "compact,delete"));
        write("ada", 1, "a");
        write("ben", 1, "b");
        startView();
        assertThat(view.awaitReady(SOON)).isTrue();
        heard.clear();

        // When one leaves the topic without leaving a tombstone, as after delete.retention.ms
        write("ben", 1, "b");
        try (var admin = admin(broker)) {
            admin.deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(2)))
                    .all()
                    .get();
        }
        await().atMost(SOON).until(() -> view.snapshot().equals(Map.of("ada", "1:a", "ben", "1:b")));
        clock.advance(Duration.ofDays(8));

        // Then
        await().atMost(SOON).until(() -> view.rebuilds() == 1);
        assertThat(view.snapshot()).isEqualTo(Map.of("ben", "1:b"));
        assertThat(heard).containsExactly("ada: 1:a -> ");
        assertThat(view.stale()).isFalse();
    }

    @Test
    void viewGoesOnWhenTheBrokerComesBack() throws Exception {
        try (var own = KafkaBroker.start()) {
            // Given
            own.createTopic(topic, 2, Map.of("cleanup.policy", "compact"));
            startView(own);
            write(own, "ada", 1, "before");
            await().atMost(SOON).until(() -> view.get("ada").isPresent());

            // When
            own.stop();
            clock.advance(Duration.ofMinutes(2));

            // Then the last view is served, and it says that it is old
            assertThat(view.ready()).isTrue();
            assertThat(view.get("ada")).contains("1:before");
            assertThat(view.stale()).isTrue();

            // When
            own.restart();
            write(own, "ben", 1, "after");

            // Then
            await().atMost(SOON).until(() -> view.get("ben").isPresent());
            await().atMost(SOON).until(() -> !view.stale());
            assertThat(heard).containsExactly("ada:  -> 1:before", "ben:  -> 1:after");
            assertThat(view.rebuilds()).isZero();
            view.close();
        }
    }

    @Test
    void viewIsBuiltAnewWhenItsOffsetsHaveCeasedToExist(@TempDir Path temp) throws Exception {
        var port = Ports.free();
        try (var lost = KafkaBroker.start(temp.resolve("lost"), port)) {
            // Given
            lost.createTopic(topic, 1, Map.of("cleanup.policy", "compact"));
            for (var i = 0; i < 10; i++) {
                write(lost, "key-" + i, 1, "value");
            }
            startView(lost);
            assertThat(view.awaitReady(SOON)).isTrue();
            assertThat(view.size()).isEqualTo(10);
        }

        // When
        try (var restored = KafkaBroker.start(temp.resolve("restored"), port)) {
            restored.createTopic(topic, 1, Map.of("cleanup.policy", "compact"));
            write(restored, "key-0", 2, "restored");

            // Then
            await().atMost(SOON).until(() -> view.snapshot().equals(Map.of("key-0", "2:restored")));
            assertThat(view.rebuilds()).isEqualTo(1);
            view.close();
        }
    }

    @Test
    void keyThatIsOnItsWayCanBeAwaited() throws Exception {
        createTopic(1, Map.of());
        startView();
        assertThat(view.awaitReady(SOON)).isTrue();

        write("ada", 1, "a");

        assertThat(view.await("ada", SOON)).contains("1:a");
        assertThat(view.await("nobody", Duration.ofMillis(50))).isEmpty();
        await().atMost(SOON).until(() -> view.shows(0, 0));
        assertThat(view.shows(0, 1)).isFalse();
        assertThat(view.shows(7, 0)).isFalse();
    }

    @Test
    void eventsAreReadAsRecordsWithTheirVersion() throws Exception {
        createTopic(1, Map.of());
        var portal =
                new PortalRecord(new PortalId("demo"), 7, "Demo", "de", List.of(), List.of("ab"), PortalState.ACTIVE);
        producer.send(EventCodec.write(
                        topic,
                        portal.key(),
                        Event.of("1", URI.create("/m365/auth"), PortalRecord.TYPE, Instant.EPOCH, portal)))
                .get();
        try (var portals = TopicView.json(topic, config(broker), PortalRecord.class, PortalRecord::version)
                .start()) {
            assertThat(portals.awaitReady(SOON)).isTrue();
            assertThat(portals.get("demo")).contains(portal);
        }
    }

    private void startView() {
        startView(broker);
    }

    private void startView(KafkaBroker kafka) {
        view = TopicView.builder(topic, config(kafka), TopicViewIT::decode)
                .onChange((key, old, now) -> heard.add(told(key, old, now)))
                .clock(clock)
                .probeInterval(Duration.ofMillis(100))
                .start();
    }

    private static Versioned<String> decode(ConsumerRecord<String, byte[]> record) {
        var text = new String(record.value(), StandardCharsets.UTF_8);
        return new Versioned<>(Long.parseLong(text.substring(0, text.indexOf(':'))), text);
    }

    private static String told(String key, Optional<String> old, Optional<String> now) {
        return key + ": " + old.orElse("") + " -> " + now.orElse("");
    }

    private void createTopic(int partitions, Map<String, String> more) {
        var config = new HashMap<>(Map.of("cleanup.policy", "compact"));
        config.putAll(more);
        broker.createTopic(topic, partitions, config);
    }

    private void write(String key, long version, String value) {
        var unused = producer.send(new ProducerRecord<>(topic, key, bytes(version + ":" + value)));
    }

    private void write(KafkaBroker kafka, String key, long version, String value) throws Exception {
        try (var own = newProducer(kafka, Map.of())) {
            own.send(new ProducerRecord<>(topic, key, bytes(version + ":" + value)))
                    .get();
        }
    }

    private void erase(String key, long version) {
        var tombstone = new ProducerRecord<String, byte[]>(topic, key, null);
        tombstone.headers().add(TombstoneVersion.HEADER, bytes(Long.toString(version)));
        var unused = producer.send(tombstone);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Admin admin(KafkaBroker kafka) {
        return Admin.create(config(kafka));
    }

    private static Map<String, Object> config(KafkaBroker kafka) {
        return Map.of("bootstrap.servers", kafka.bootstrapServers());
    }

    private static KafkaProducer<String, byte[]> newProducer(KafkaBroker kafka, Map<String, Object> more) {
        var config = new HashMap<>(config(kafka));
        config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        // One after the other: a topic that was made a moment ago may refuse the first batch and take the second, and
        // putting
        // them in order again costs the delivery timeout of two minutes now and then.
        config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        config.putAll(more);
        return new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }
}
