package org.m365connector.local.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.m365connector.local.suite.LocalException;

/**
 * The portal's side of Kafka: a plain client that writes and reads CloudEvents by hand, so that nothing of our own
 * libraries can hide a mistake in what we send. Remembers everything that it has read.
 */
public final class PortalTopics implements AutoCloseable {
    private final Producer<String, byte[]> producer;
    private final Consumer<String, byte[]> consumer;
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final Thread reader;
    private volatile boolean closing;

    /** Reads these topics from their beginning on. */
    public PortalTopics(String bootstrap, Collection<String> topics) {
        Map<String, Object> connection = Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        Map<String, Object> writing = new HashMap<>(connection);
        writing.put(ProducerConfig.ACKS_CONFIG, "all");
        producer = new KafkaProducer<>(writing, new StringSerializer(), new ByteArraySerializer());
        Map<String, Object> reading = new HashMap<>(connection);
        reading.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        reading.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
        consumer = new KafkaConsumer<>(reading, new StringDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = topics.stream()
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        reader = new Thread(this::read, "portal-reader");
        reader.setDaemon(true);
        reader.start();
    }

    /** Writes an event in structured mode: one JSON document with attributes and data. */
    public void publishStructured(String topic, String key, ObjectNode event) {
        ProducerRecord<String, byte[]> message =
                new ProducerRecord<>(topic, key, event.toString().getBytes(StandardCharsets.UTF_8));
        message.headers().add("content-type", utf8("application/cloudevents+json; charset=UTF-8"));
        send(message);
    }

    /** Writes an event in binary mode: attributes as headers, data as value. */
    public void publishBinary(String topic, String key, Map<String, String> attributes, JsonNode data) {
        ProducerRecord<String, byte[]> message =
                new ProducerRecord<>(topic, key, data.toString().getBytes(StandardCharsets.UTF_8));
        attributes.forEach((name, value) -> message.headers().add("ce_" + name, utf8(value)));
        message.headers().add("content-type", utf8("application/json"));
        send(message);
    }

    public void publishRaw(String topic, String key, String value) {
        send(new ProducerRecord<>(topic, key, utf8(value)));
    }

    /** What has come so far and fits, in the order in which it was read. */
    public List<Seen> all(Predicate<Seen> wanted) {
        return seen.stream().filter(wanted).toList();
    }

    /** The first event of that topic that fits; on another topic it does not count. */
    public Seen await(String what, String topic, Duration patience, Predicate<Seen> wanted) {
        Predicate<Seen> there = event -> event.topic().equals(topic);
        return Waiting.until(what + " on " + topic, patience, () -> seen.stream()
                .filter(there.and(wanted))
                .findFirst());
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        try {
            reader.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close(Duration.ofSeconds(2));
    }

    private void send(ProducerRecord<String, byte[]> message) {
        try {
            producer.send(message).get(20, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new LocalException("Kafka did not take a message for " + message.topic() + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted while publishing", e);
        }
    }

    private void read() {
        try (consumer) {
            while (!closing) {
                consumer.poll(Duration.ofMillis(200)).forEach(message -> seen.add(understood(message)));
            }
        } catch (WakeupException e) {
            // close() was called.
        }
    }

    private static Seen understood(ConsumerRecord<String, byte[]> message) {
        Map<String, String> attributes = new HashMap<>();
        for (Header header : message.headers()) {
            String value = header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
            attributes.put(header.key().startsWith("ce_") ? header.key().substring(3) : header.key(), value);
        }
        JsonNode body = body(message);
        boolean structured = attributes.getOrDefault("content-type", "").startsWith("application/cloudevents+json");
        if (structured) {
            body.properties()
                    .forEach(member ->
                            attributes.put(member.getKey(), member.getValue().asText()));
            body = body.path("data");
        }
        return new Seen(
                message.topic(),
                message.partition(),
                message.offset(),
                String.valueOf(message.key()),
                attributes,
                body);
    }

    private static JsonNode body(ConsumerRecord<String, byte[]> message) {
        if (message.value() == null) {
            return Json.MAPPER.nullNode();
        }
        try {
            return Json.MAPPER.readTree(message.value());
        } catch (JsonProcessingException e) {
            return Json.MAPPER.getNodeFactory().textNode(new String(message.value(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The events among these that came more than once, by id. */
    public static Map<String, List<Seen>> repeated(List<Seen> events) {
        Map<String, List<Seen>> byId = new HashMap<>();
        events.forEach(event -> byId.computeIfAbsent(event.attribute("id").orElse(""), id -> new ArrayList<>())
                .add(event));
        byId.values().removeIf(same -> same.size() == 1);
        return byId;
    }

    /** The last event that fits. */
    public Optional<Seen> last(Predicate<Seen> wanted) {
        List<Seen> found = all(wanted);
        return found.isEmpty() ? Optional.empty() : Optional.of(found.get(found.size() - 1));
    }
}
