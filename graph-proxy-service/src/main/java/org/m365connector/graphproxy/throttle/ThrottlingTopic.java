package org.m365connector.graphproxy.throttle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jboss.logging.Logger;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.Reading;
import org.m365connector.events.ReplicaAlive;

/**
 * What the replicas tell each other on {@code m365.throttling}: that they are there, what a 429 taught them, what they used, whose
 * turn it is. All of it on one partition, so that everybody reads the same in the same order.
 *
 * <pre>
 *   at the end of the topic --own word heard--> reads back some minutes --own word heard again--> follows
 * </pre>
 *
 * One's own first word says what the broker's clock shows, so that of everything older it is known how old it is. Where Kafka or
 * the topic is away, it is silent, and everybody goes on with what he knows.
 */
final class ThrottlingTopic implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(ThrottlingTopic.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long HEARTBEAT_MILLIS = 1_000;
    private static final Duration LOOK_BACK = Duration.ofMinutes(15);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    /** Own heartbeats that may be under way. */
    private static final int UNDER_WAY = 100;

    private final String self;
    private final Map<String, Object> kafkaConfig;
    private final String topic;
    private final TopicPartition partition;
    private final Time time;
    private final Teller teller;
    private final Thread thread;
    private final BrokerClock broker = new BrokerClock();

    /** When our heartbeats were said that have not come back, by their ids. */
    private final Map<String, Long> said = new LinkedHashMap<>();

    /** What has been heard is not heard again, whatever happens to the connection. */
    private long position = -1;

    /** Our first word: what stands before it is read back. */
    private long first = -1;

    private ReplicaNews news;
    private boolean warned;
    private volatile Consumer<String, byte[]> consumer;
    private volatile boolean closing;

    /** @param clock for the times that events carry, which nobody counts by */
    ThrottlingTopic(String self, Map<String, Object> kafkaConfig, String topic, Clock clock, Time time) {
        this.self = self;
        this.kafkaConfig = kafkaConfig;
        this.topic = topic;
        this.time = time;
        partition = new TopicPartition(topic, Teller.PARTITION);
        teller = new Teller(self, kafkaConfig, topic, clock, time);
        thread = new Thread(this::run, "throttling-topic");
        thread.setDaemon(true);
    }

    void start(ReplicaNews told) {
        news = told;
        thread.start();
    }

    /** Never blocks. */
    void tell(Object news) {
        teller.tell(news);
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
                            topic, e.getClass().getSimpleName());
                }
                failing = true;
                pause();
            } finally {
                consumer = null;
            }
        }
    }

    private void follow(KafkaConsumer<String, byte[]> kafka) {
        List<PartitionInfo> found = kafka.partitionsFor(topic);
        while (!closing && (found == null || found.isEmpty())) {
            pause();
            found = kafka.partitionsFor(topic);
        }
        kafka.assign(List.of(partition));
        if (position < 0) {
            kafka.seekToEnd(List.of(partition));
            kafka.position(partition);
        } else {
            kafka.seek(partition, position);
        }
        long nextHeartbeat = time.millis();
        while (!closing) {
            if (time.millis() >= nextHeartbeat) {
                nextHeartbeat = time.millis() + HEARTBEAT_MILLIS;
                sayThatWeAreThere();
            }
            for (ConsumerRecord<String, byte[]> record : kafka.poll(POLL)) {
                if (first >= 0) {
                    hear(record);
                    position = record.offset() + 1;
                } else if (isFirst(record)) {
                    readBack(kafka, record);
                    break;
                }
            }
        }
    }

    private void sayThatWeAreThere() {
        if (said.size() >= UNDER_WAY) {
            said.remove(said.keySet().iterator().next());
        }
        ReplicaAlive word = news.ofOurselves();
        long now = time.millis();
        said.put(teller.tell(word), now);
    }

    /** Whether it is a word of ours. Before the first of them we know nothing of the broker's clock. */
    private boolean isFirst(ConsumerRecord<String, byte[]> record) {
        if (self.equals(record.key()) && EventCodec.read(record) instanceof Reading.Understood understood) {
            heardSelf(understood.event().id(), record);
            return true;
        }
        return false;
    }

    private void readBack(KafkaConsumer<String, byte[]> kafka, ConsumerRecord<String, byte[]> own) {
        long since = own.timestamp() - LOOK_BACK.toMillis();
        OffsetAndTimestamp found =
                kafka.offsetsForTimes(Map.of(partition, since)).get(partition);
        long from = found == null ? own.offset() : Math.min(found.offset(), own.offset());
        kafka.seek(partition, from);
        position = from;
        first = own.offset();
    }

    private void hear(ConsumerRecord<String, byte[]> record) {
        try {
            if (EventCodec.read(record) instanceof Reading.Understood understood) {
                hear(understood.event(), record);
            }
        } catch (RuntimeException | JsonProcessingException e) {
            LOG.warnf(
                    "not understood topic=%s offset=%d cause=%s",
                    topic, record.offset(), e.getClass().getSimpleName());
        }
        if (record.offset() >= first) {
            news.caughtUp();
        }
    }

    private void hear(Event<JsonNode> event, ConsumerRecord<String, byte[]> record) throws JsonProcessingException {
        if (event.type().equals(ReplicaAlive.TYPE)) {
            heardSelf(event.id(), record);
        }
        news.hear(event, age(record, time.millis()));
    }

    private void heardSelf(String id, ConsumerRecord<String, byte[]> record) {
        Long saidAt = said.remove(id);
        if (saidAt != null) {
            long now = time.millis();
            if (brokersTime(record)) {
                broker.heard(saidAt, record.timestamp(), now);
            }
            news.heardSelf(saidAt, now - age(record, now));
        }
    }

    private long age(ConsumerRecord<String, byte[]> record, long now) {
        return brokersTime(record) ? broker.age(record.timestamp(), now) : 0;
    }

    /** Whoever wrote a record may have any clock; then it counts as new. */
    private boolean brokersTime(ConsumerRecord<String, byte[]> record) {
        boolean brokers = record.timestampType() == TimestampType.LOG_APPEND_TIME;
        if (!brokers && !warned) {
            warned = true;
            LOG.warnf("topic without the broker's times topic=%s wanted=message.timestamp.type=LogAppendTime", topic);
        }
        return brokers;
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

    /** The others need not wait until it is clear that we are gone, unless calls of ours still run. It is the last that we say. */
    @Override
    public void close() {
        closing = true;
        Consumer<String, byte[]> current = consumer;
        if (current != null) {
            current.wakeup();
        }
        try {
            thread.join(PAUSE_AFTER_FAILURE.toMillis() * 2);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        news.farewell().ifPresent(teller::tell);
        teller.close();
    }
}
