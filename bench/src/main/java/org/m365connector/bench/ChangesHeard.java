package org.m365connector.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** When the portals first heard of each resource. */
final class ChangesHeard implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(200);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<String, Long> firstHeard = new ConcurrentHashMap<>();
    private final Thread listener = new Thread(this::listen, "changes-heard");
    private volatile boolean closing;

    ChangesHeard(String bootstrapServers, List<String> topics) {
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = topics.stream()
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        listener.setDaemon(true);
        listener.start();
    }

    /** By {@link System#nanoTime}; empty where nobody has heard of it yet. */
    OptionalLong firstHeard(String resource) {
        Long at = firstHeard.get(resource);
        return at == null ? OptionalLong.empty() : OptionalLong.of(at);
    }

    private void listen() {
        try (consumer) {
            while (!closing) {
                consumer.poll(POLL)
                        .forEach(change -> firstHeard.putIfAbsent(resource(change.value()), System.nanoTime()));
            }
        } catch (WakeupException e) {
            // close() was called.
        }
    }

    private static String resource(byte[] change) {
        try {
            return JSON.readTree(change).path("resource").path("id").asText();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        try {
            listener.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
