package org.m365connector.graphproxy.throttle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jboss.logging.Logger;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.Reading;
import org.m365connector.events.ReplicaAlive;
import org.m365connector.events.ScopeThrottled;
import org.m365connector.events.Topics;
import org.m365connector.events.TurnEnded;
import org.m365connector.events.TurnTaken;
import org.m365connector.graphproxy.outlet.Outlet;

/**
 * What the replicas tell each other on {@code m365.throttling}: that they are there, what a 429 taught them, and whose turn it is.
 * Read from some minutes ago on, so that a replica that starts knows what is closed. Where Kafka or the topic is away, it is
 * silent, and everybody goes on with what he knows.
 */
final class ThrottlingTopic implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(ThrottlingTopic.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);
    private static final Duration LOOK_BACK = Duration.ofMinutes(15);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    /** After that long alone, a replica takes it that there is no topic. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** How long the others take to make room for somebody new. */
    private static final Duration SETTLING = Duration.ofSeconds(1);

    /** How long after oneself somebody else who is there is heard at the latest: what he said last stands on the topic. */
    private static final Duration ALONE = Duration.ofMillis(300);

    private final String self;
    private final Map<String, Object> kafkaConfig;
    private final Fleet fleet;
    private final Duration silence;
    private final Clock clock;
    private final Outlet outlet;
    private final Instant startedAt;
    private final Thread thread;

    /** What has been heard is not heard again, whatever happens to the connection. */
    private final Map<TopicPartition, Long> positions = new HashMap<>();

    private Governor governor;
    private Turns turns;
    private volatile Consumer<String, byte[]> consumer;
    private volatile Instant heardSelfAt;
    private volatile Instant heardSelfFirstAt;
    private volatile boolean closing;
    private long number;

    ThrottlingTopic(String self, Map<String, Object> kafkaConfig, Fleet fleet, Duration silence, Clock clock) {
        this.self = self;
        this.kafkaConfig = kafkaConfig;
        this.fleet = fleet;
        this.silence = silence;
        this.clock = clock;
        startedAt = clock.instant();
        // Old news is no news: what cannot be said within seconds is not said.
        outlet = new Outlet(
                "throttling",
                kafkaConfig,
                Map.of(
                        ProducerConfig.ACKS_CONFIG, "1",
                        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false,
                        ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1,
                        ProducerConfig.LINGER_MS_CONFIG, 0,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG, 2_000,
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 3_000,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 4_000),
                10_000);
        thread = new Thread(this::run, "throttling-topic");
        thread.setDaemon(true);
    }

    void start(Governor toldGovernor, Turns toldTurns) {
        governor = toldGovernor;
        turns = toldTurns;
        thread.start();
    }

    /** Whether this replica may take its share: the others have had time to make room, or there is nobody to be heard. */
    boolean settled() {
        Instant since = heardSelfFirstAt;
        Instant now = clock.instant();
        if (since == null) {
            return now.isAfter(startedAt.plus(PATIENCE));
        }
        return now.isAfter(since.plus(fleet.members() == 1 ? ALONE : SETTLING));
    }

    /** Whether the others are heard. */
    boolean connected() {
        Instant last = heardSelfAt;
        return last != null && clock.instant().isBefore(last.plus(silence));
    }

    void tell(TurnTaken turn) {
        tell(turn.app(), TurnTaken.TYPE, turn);
    }

    void tell(TurnEnded turn) {
        tell(turn.app(), TurnEnded.TYPE, turn);
    }

    boolean tell(ScopeThrottled closed) {
        return tell(closed.app() + "/" + closed.scope(), ScopeThrottled.TYPE, closed);
    }

    private void tell(boolean leaving) {
        tell(self, ReplicaAlive.TYPE, new ReplicaAlive(self, leaving));
    }

    private synchronized boolean tell(String key, String type, Object data) {
        String id = self + "-" + ++number;
        Instant time = clock.instant();
        return outlet.offer(() -> EventCodec.write(
                Topics.THROTTLING, key, Event.of(id, URI.create("/m365/graph-proxy-service"), type, time, data)));
    }

    private void run() {
        boolean failing = false;
        while (!closing) {
            try (KafkaConsumer<String, byte[]> kafka = newConsumer()) {
                consumer = kafka;
                follow(kafka);
                failing = false;
            } catch (WakeupException e) {
                // Closing.
            } catch (RuntimeException e) {
                if (!failing) {
                    LOG.warnf(
                            "other replicas cannot be heard topic=%s cause=%s",
                            Topics.THROTTLING, e.getClass().getSimpleName());
                }
                failing = true;
                pause();
            } finally {
                consumer = null;
            }
        }
    }

    private void follow(KafkaConsumer<String, byte[]> kafka) {
        Instant nextHeartbeat = Instant.MIN;
        while (!closing) {
            Instant now = clock.instant();
            if (!now.isBefore(nextHeartbeat)) {
                nextHeartbeat = now.plus(HEARTBEAT);
                assignAll(kafka);
                tell(false);
            }
            if (kafka.assignment().isEmpty()) {
                pause();
            } else {
                kafka.poll(POLL).forEach(this::hear);
            }
        }
    }

    /** Partitions may be added, and the topic may be made after we started. */
    private void assignAll(KafkaConsumer<String, byte[]> kafka) {
        List<PartitionInfo> infos = kafka.partitionsFor(Topics.THROTTLING);
        if (infos == null || infos.size() == kafka.assignment().size()) {
            return;
        }
        Map<TopicPartition, Long> since = new HashMap<>();
        long lookBack = clock.instant().minus(LOOK_BACK).toEpochMilli();
        for (PartitionInfo info : infos) {
            since.put(new TopicPartition(Topics.THROTTLING, info.partition()), lookBack);
        }
        kafka.assign(since.keySet());
        kafka.offsetsForTimes(since).forEach((partition, found) -> {
            if (positions.containsKey(partition)) {
                kafka.seek(partition, positions.get(partition));
            } else if (found != null) {
                kafka.seek(partition, found.offset());
            } else {
                kafka.seekToEnd(List.of(partition));
            }
        });
    }

    private void hear(ConsumerRecord<String, byte[]> record) {
        positions.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
        try {
            if (EventCodec.read(record) instanceof Reading.Understood understood) {
                hear(understood.event().type(), understood.event().data(), record.timestamp());
            }
        } catch (RuntimeException | JsonProcessingException e) {
            LOG.warnf(
                    "not understood topic=%s partition=%d offset=%d cause=%s",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    e.getClass().getSimpleName());
        }
    }

    private void hear(String type, JsonNode data, long at) throws JsonProcessingException {
        switch (type) {
            case ReplicaAlive.TYPE -> heard(EventCodec.json().treeToValue(data, ReplicaAlive.class), at);
            case ScopeThrottled.TYPE -> governor.heard(EventCodec.json().treeToValue(data, ScopeThrottled.class));
            case TurnTaken.TYPE -> turns.heard(EventCodec.json().treeToValue(data, TurnTaken.class), at);
            case TurnEnded.TYPE -> turns.heard(EventCodec.json().treeToValue(data, TurnEnded.class));
            default -> LOG.debugf("unknown news type=%s", type);
        }
    }

    private void heard(ReplicaAlive alive, long at) {
        Instant now = clock.instant();
        if (alive.replica().equals(self)) {
            heardSelfAt = now;
            if (heardSelfFirstAt == null) {
                heardSelfFirstAt = now;
            }
        } else if (heardSelfFirstAt == null && at < now.minus(silence).toEpochMilli()) {
            // Read back from before we started: whoever said it may have gone long since.
            return;
        }
        int before = fleet.members();
        if (alive.leaving()) {
            fleet.left(alive.replica());
            turns.gone(alive.replica());
        } else {
            fleet.heard(alive.replica(), now.toEpochMilli()).forEach(turns::gone);
        }
        if (fleet.members() != before) {
            LOG.infof("replicas that share graph's limits count=%d", fleet.members());
        }
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE_AFTER_FAILURE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private KafkaConsumer<String, byte[]> newConsumer() {
        Map<String, Object> config = new HashMap<>(kafkaConfig);
        config.remove(ConsumerConfig.GROUP_ID_CONFIG);
        config.put(ConsumerConfig.CLIENT_ID_CONFIG, "throttling");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 5_000);
        config.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
        config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000);
        return new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
    }

    /** The others need not wait until it is clear that we are gone. */
    @Override
    public void close() {
        closing = true;
        Consumer<String, byte[]> current = consumer;
        if (current != null) {
            current.wakeup();
        }
        tell(true);
        outlet.close();
        try {
            thread.join(PAUSE_AFTER_FAILURE.toMillis() * 2);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
