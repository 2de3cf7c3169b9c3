package org.m365connector.outbox;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The Kafka side of a relay. Opening it makes every earlier one of the same name powerless. After an exception it is of no
 * further use: whether its last transaction was committed is only known to the next one, from the receipts.
 */
final class Publisher implements AutoCloseable {

    /** What became of a batch. */
    sealed interface Outcome {

        /** Kafka has it. */
        record Published() implements Outcome {}

        /** Kafka has nothing of it, because it will not take these rows, for these reasons. */
        record Refused(Map<OutboxRow, String> reasons) implements Outcome {}
    }

    /** How the records of a transaction travel. */
    enum Packing {

        /** As the client does by default: many records of a partition in one batch. Several times as fast. */
        TOGETHER,

        /** Each record is a batch, so that none is refused for the size of its neighbours. */
        SINGLY
    }

    /**
     * The client splits a batch that its topic does not take into one of the same size, without end and beyond every timeout, if
     * the topic's {@code max.message.bytes} is below its own {@code batch.size} (KAFKA-8350, which 4.2 ends). Such records have
     * to go {@link Packing#SINGLY}.
     */
    static final class EndlessSplitException extends KafkaException {

        private static final long serialVersionUID = 1;

        EndlessSplitException(double splits, int rows) {
            super(
                    "Kafka's client split batches %.0f times for %d records: max.message.bytes of a topic is below batch.size"
                            .formatted(splits, rows));
        }
    }

    /** How often it is looked whether the client still gets on. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

    /**
     * Twice what a topic takes by default: a dead letter is the record, however large, with more headers. Other topics have a limit
     * of their own, which the broker keeps.
     */
    private static final int LARGEST_REQUEST = 2 * 1024 * 1024;

    private final String name;
    private final Map<String, Object> adminConfig;
    private final KafkaProducer<String, byte[]> producer;
    private final Set<String> knownTopics = new HashSet<>();

    private Publisher(String name, Map<String, Object> kafka, Duration patience, Packing packing) {
        this.name = name;
        this.adminConfig = adminConfig(kafka, patience);
        this.producer = new KafkaProducer<>(
                producerConfig(name, kafka, patience, packing), new StringSerializer(), new ByteArraySerializer());
    }

    /**
     * @param kafka connection of a Kafka client
     * @param patience how long Kafka may take for one step
     * @throws KafkaException if the broker is away
     */
    static Publisher open(String name, Map<String, Object> kafka, Duration patience, Packing packing) {
        var publisher = new Publisher(name, kafka, patience, packing);
        try {
            publisher.producer.initTransactions();
            return publisher;
        } catch (RuntimeException e) {
            publisher.close();
            throw e;
        }
    }

    /** The receipts of the last transactions of this and every earlier publisher of the name. */
    List<Receipt> receipts() {
        try (Admin admin = Admin.create(adminConfig)) {
            var options = new ListConsumerGroupOffsetsOptions().requireStable(true);
            return get(admin.listConsumerGroupOffsets(name, options).partitionsToOffsetAndMetadata()).values().stream()
                    .filter(offset -> offset != null)
                    .flatMap(offset -> Receipt.read(offset.metadata()).stream())
                    .toList();
        } catch (GroupIdNotFoundException e) {
            return List.of();
        }
    }

    /**
     * Publishes all of the rows or none, and awaits that.
     *
     * @throws KafkaException if the broker is away or if we have been fenced
     * @throws EndlessSplitException if the records have to go singly
     */
    Outcome publish(List<OutboxRow> rows) {
        Map<OutboxRow, String> refused = inMissingTopics(rows);
        if (!refused.isEmpty()) {
            return new Outcome.Refused(refused);
        }
        double splitsBefore = splits();
        producer.beginTransaction();
        var sent = new LinkedHashMap<OutboxRow, Future<RecordMetadata>>();
        KafkaException failure = null;
        for (OutboxRow row : rows) {
            try {
                sent.put(row, producer.send(row.record()));
            } catch (KafkaException e) {
                // A record before this one has already failed the transaction; its future says why.
                failure = e;
                break;
            }
        }

        var places = new ArrayList<RecordMetadata>();
        for (var entry : sent.entrySet()) {
            try {
                places.add(await(entry.getValue(), rows.size(), splitsBefore));
            } catch (EndlessSplitException e) {
                throw e;
            } catch (KafkaException e) {
                if (isRefusal(e)) {
                    refused.put(entry.getKey(), reason(e));
                } else if (failure == null) {
                    failure = e;
                }
            }
        }
        if (!refused.isEmpty()) {
            producer.abortTransaction();
            return new Outcome.Refused(refused);
        }
        if (failure != null) {
            throw failure;
        }
        addReceipt(rows, places.get(0));
        producer.commitTransaction();
        return new Outcome.Published();
    }

    /** Each record's end, which the client promises within the time of delivery, but for batches that it splits for ever. */
    private RecordMetadata await(Future<RecordMetadata> future, int rows, double splitsBefore) {
        while (true) {
            try {
                return future.get(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                double splits = splits() - splitsBefore;
                if (splits > rows) {
                    throw new EndlessSplitException(splits, rows);
                }
            } catch (ExecutionException e) {
                throw asKafkaException(e);
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
        }
    }

    /** Batches that the client has split so far. */
    private double splits() {
        return producer.metrics().entrySet().stream()
                .filter(entry -> entry.getKey().name().equals("batch-split-total"))
                .mapToDouble(entry -> (double) entry.getValue().metricValue())
                .sum();
    }

    private void addReceipt(List<OutboxRow> rows, RecordMetadata place) {
        // Any partition will do to pin the receipt to, if it exists; the number beside it has no meaning.
        var partition = new TopicPartition(place.topic(), place.partition());
        var receipt = new OffsetAndMetadata(rows.get(0).id(), Receipt.of(rows).write());
        producer.sendOffsetsToTransaction(Map.of(partition, receipt), new ConsumerGroupMetadata(name));
    }

    /** To a producer, a topic that is missing looks the same as a broker that is away; so we ask. */
    private Map<OutboxRow, String> inMissingTopics(List<OutboxRow> rows) {
        var missing = new LinkedHashMap<OutboxRow, String>();
        var asked = new HashSet<String>();
        rows.forEach(row -> asked.add(row.record().topic()));
        asked.removeAll(knownTopics);
        if (asked.isEmpty()) {
            return missing;
        }
        try (Admin admin = Admin.create(adminConfig)) {
            admin.describeTopics(asked).topicNameValues().forEach((topic, future) -> {
                try {
                    get(future);
                    knownTopics.add(topic);
                } catch (KafkaException e) {
                    if (!isRefusal(e)) {
                        throw e;
                    }
                    rows.stream()
                            .filter(row -> row.record().topic().equals(topic))
                            .forEach(row -> missing.put(row, reason(e)));
                }
            });
        }
        return missing;
    }

    /** Whether it is the record's own fault, so that other records would be taken. */
    private static boolean isRefusal(KafkaException e) {
        return e instanceof RecordTooLargeException
                || e instanceof InvalidRecordException
                || e instanceof InvalidTopicException
                || e instanceof UnknownTopicOrPartitionException
                || e instanceof TopicAuthorizationException
                || e instanceof PolicyViolationException;
    }

    private static String reason(KafkaException e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    private static <T> T get(Future<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw asKafkaException(e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private static KafkaException asKafkaException(ExecutionException e) {
        return e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e.getCause());
    }

    @Override
    public void close() {
        // Without waiting: nothing of ours is under way, or it is no longer ours.
        producer.close(Duration.ZERO);
    }

    private static Map<String, Object> producerConfig(
            String name, Map<String, Object> kafka, Duration patience, Packing packing) {
        var config = new HashMap<>(kafka);
        int millis = Math.toIntExact(patience.toMillis());
        config.put("transactional.id", name);
        config.put("enable.idempotence", true);
        config.put("acks", "all");
        config.put("linger.ms", 0);
        if (packing == Packing.SINGLY) {
            config.put("batch.size", 0);
        }
        config.put("max.request.size", LARGEST_REQUEST);
        config.put("max.block.ms", millis);
        config.put("request.timeout.ms", millis / 2);
        config.put("delivery.timeout.ms", millis);
        // A transaction that nobody ends holds up readers for so long, if no new leader comes before.
        config.put("transaction.timeout.ms", 3 * millis);
        return config;
    }

    private static Map<String, Object> adminConfig(Map<String, Object> kafka, Duration patience) {
        var config = new HashMap<>(kafka);
        int millis = Math.toIntExact(patience.toMillis());
        config.put("request.timeout.ms", millis / 2);
        config.put("default.api.timeout.ms", millis);
        return config;
    }
}
