package org.m365connector.assignment;

import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.m365connector.backends.TopicReader;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.TombstoneVersion;
import org.m365connector.events.Topics;
import org.m365connector.view.TopicView;

/** Kafka as the other services and the portals see it: writes what they write, reads what they read. */
final class KafkaSide implements AutoCloseable {
    private final Map<String, Object> config;
    private final KafkaProducer<String, byte[]> producer;
    private final TopicView<AssignmentsRecord> assignments;

    /** Every change that readers of {@code m365.assignments} saw, in their order. */
    private final List<Seen> seen = new CopyOnWriteArrayList<>();

    record Seen(String key, Optional<AssignmentsRecord> record) {}

    KafkaSide(String bootstrapServers) {
        config = Map.of("bootstrap.servers", bootstrapServers);
        producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
        assignments = TopicView.json(Topics.ASSIGNMENTS, config, AssignmentsRecord.class, AssignmentsRecord::version)
                .onChange((key, old, now) -> seen.add(new Seen(key, now)))
                .start();
    }

    Optional<AssignmentsRecord> assignments(String key) {
        return assignments.get(key);
    }

    /** What they know of that portal now. */
    Map<PortalUser, AssignmentsRecord> view(PortalId portal) {
        var known = new HashMap<PortalUser, AssignmentsRecord>();
        seen.stream()
                .map(Seen::key)
                .filter(key -> key.startsWith(portal + "/"))
                .distinct()
                .forEach(key -> assignments(key).ifPresent(record -> known.put(record.portalUser(), record)));
        return known;
    }

    List<Seen> seen(String key) {
        return seen.stream().filter(change -> change.key().equals(key)).toList();
    }

    void createUsersTopic(String topic) throws Exception {
        try (var admin = Admin.create(config)) {
            admin.createTopics(List.of(
                            new NewTopic(topic, 3, (short) 1).configs(Map.of("cleanup.policy", "compact")),
                            new NewTopic(Topics.deadLetter(topic), 1, (short) 1)))
                    .all()
                    .get();
        }
    }

    /** A new event about {@code data}; sending the returned one again is a redelivery. */
    static Event<?> event(String type, Object data) {
        return Event.of(
                UUID.randomUUID().toString(),
                URI.create("/tests"),
                type,
                Clock.systemUTC().instant(),
                data);
    }

    void send(String topic, String key, Event<?> event) throws Exception {
        producer.send(EventCodec.write(topic, key, event)).get();
    }

    /** One behind the other, without waiting in between; returns once all are there. */
    void sendAll(String topic, String key, List<? extends Event<?>> events) throws Exception {
        var acknowledgements = events.stream()
                .map(event -> producer.send(EventCodec.write(topic, key, event)))
                .toList();
        for (var acknowledgement : acknowledgements) {
            acknowledgement.get();
        }
    }

    void sendRaw(String topic, String key, byte[] value) throws Exception {
        producer.send(new ProducerRecord<>(topic, key, value)).get();
    }

    void sendTombstone(String topic, String key) throws Exception {
        sendRaw(topic, key, null);
    }

    /** As those send it who know as of which version it ends. */
    void sendTombstone(String topic, String key, long version) throws Exception {
        sendTombstone(topic, key, version, Clock.systemUTC().instant());
    }

    /** As if it had been there since that moment. */
    void sendTombstone(String topic, String key, long version, Instant toldAt) throws Exception {
        var record = new ProducerRecord<String, byte[]>(topic, null, toldAt.toEpochMilli(), key, null);
        record.headers().add(TombstoneVersion.HEADER, Long.toString(version).getBytes(StandardCharsets.US_ASCII));
        producer.send(record).get();
    }

    /** What is on a topic now, of all partitions. */
    List<ConsumerRecord<String, byte[]>> read(String topic) {
        return TopicReader.of((String) config.get("bootstrap.servers")).read(topic);
    }

    /** These have read nothing. Each as soon as it has no members any more: who could not say good-bye is one for a while. */
    void forgetGroups(String... groups) {
        try (var admin = Admin.create(config)) {
            for (var group : groups) {
                await(group).atMost(TestPortal.SOON).ignoreExceptions().untilAsserted(() -> admin.deleteConsumerGroups(
                                List.of(group))
                        .all()
                        .get());
            }
        }
    }

    /** Whether that group has acknowledged all that is on the topic. */
    boolean isReadToTheEnd(String group, String topic) throws Exception {
        try (var admin = Admin.create(config)) {
            var read = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get();
            var partitions = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().stream()
                    .collect(Collectors.toMap(
                            info -> new TopicPartition(topic, info.partition()), info -> OffsetSpec.latest()));
            return admin.listOffsets(partitions).all().get().entrySet().stream()
                    .allMatch(end -> end.getValue().offset() == 0
                            || (read.get(end.getKey()) != null
                                    && read.get(end.getKey()).offset()
                                            >= end.getValue().offset()));
        }
    }

    @Override
    public void close() {
        assignments.close();
        producer.close(Duration.ZERO);
    }
}
