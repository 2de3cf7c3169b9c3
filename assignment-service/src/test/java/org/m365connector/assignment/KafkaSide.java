package org.m365connector.assignment;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
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

    void sendRaw(String topic, String key, byte[] value) throws Exception {
        producer.send(new ProducerRecord<>(topic, key, value)).get();
    }

    void sendTombstone(String topic, String key) throws Exception {
        sendRaw(topic, key, null);
    }

    /** What is on a topic now, of all partitions. */
    List<ConsumerRecord<String, byte[]>> read(String topic) {
        var more = Map.<String, Object>of(
                "bootstrap.servers", config.get("bootstrap.servers"), "isolation.level", "read_committed");
        try (var consumer = new KafkaConsumer<>(more, new StringDeserializer(), new ByteArrayDeserializer())) {
            var partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            var records = new CopyOnWriteArrayList<ConsumerRecord<String, byte[]>>();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            return records;
        }
    }

    @Override
    public void close() {
        assignments.close();
        producer.close(Duration.ZERO);
    }
}
