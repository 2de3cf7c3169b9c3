package org.m365connector.backends;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * What stands on topics: whoever waits for something to appear there asks again and again, and gets what was read before with what has
 * come since. One consumer for each broker reads for all who ask, as long as their JVM lives.
 */
public final class TopicReader {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Map<String, TopicReader> READERS = new ConcurrentHashMap<>();

    private final KafkaConsumer<String, byte[]> consumer;
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private final Map<String, List<ConsumerRecord<String, byte[]>>> known = new HashMap<>();

    private TopicReader(String bootstrapServers) {
        Map<String, Object> config = Map.of(
                "bootstrap.servers", bootstrapServers,
                "isolation.level", "read_committed",
                // A topic may be a moment old.
                "metadata.max.age.ms", "500");
        consumer = new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
    }

    /** The one of that broker. */
    public static TopicReader of(String bootstrapServers) {
        return READERS.computeIfAbsent(bootstrapServers, TopicReader::new);
    }

    /** All records that were ever seen on the topic up to its present end, committed ones only, each partition in its order. */
    public synchronized List<ConsumerRecord<String, byte[]>> read(String topic) {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(TopicReader::partition)
                .toList();
        List<ConsumerRecord<String, byte[]>> records = known.computeIfAbsent(topic, name -> new ArrayList<>());
        consumer.assign(partitions);
        Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions.stream()
                .filter(partition -> !positions.containsKey(partition))
                .toList());
        positions.putAll(beginnings);
        partitions.forEach(partition -> consumer.seek(partition, positions.get(partition)));
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        while (ends.entrySet().stream().anyMatch(end -> positions.get(end.getKey()) < end.getValue())) {
            consumer.poll(POLL).forEach(records::add);
            partitions.forEach(partition -> positions.put(partition, consumer.position(partition)));
        }
        return List.copyOf(records);
    }

    private static TopicPartition partition(PartitionInfo info) {
        return new TopicPartition(info.topic(), info.partition());
    }
}
