package org.m365connector.view;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jboss.logging.Logger;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.TombstoneVersion;
import org.m365connector.events.Topics;

/**
 * A compacted topic as a map in memory.
 *
 * <ol>
 *   <li>Reads all partitions, without a consumer group, from the beginning, committed records only; partitions that are
 *       added later are found within {@code metadata.max.age.ms} (5 s).
 *   <li>Ready when every position has reached the end offset that was taken at the start. Before that it is empty.
 *   <li>An older version of a key never replaces a newer one, nor brings back a key that a newer tombstone removed
 *       ({@link TombstoneVersion}).
 *   <li>Whether Kafka is there is found out by asking for the end offsets; a quiet topic proves nothing. While Kafka is
 *       away the last view is served and {@link #age()} grows.
 *   <li>After an age of more than {@code rebuildAfter} (the topic's {@code delete.retention.ms}, beyond which tombstones
 *       are gone), or when its offsets have ceased to exist, it is built anew beside the old one, which is served until
 *       the new one is complete; keys that vanished are then reported as removed.
 *   <li>A record that cannot be understood is counted, logged and treated as a removal of its key: nobody keeps a right because the
 *       record that took it away was unreadable. The next newer record that can be read sets the key again.
 * </ol>
 *
 * Adding partitions to a compacted topic moves keys: an old record of a moved key can outlive its tombstone. Replay the
 * topic after doing so.
 */
public final class TopicView<V> implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TopicView.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
    private static final int PROBE_TIMEOUT_MS = 10_000;

    private final String topic;
    private final Map<String, Object> kafkaConfig;
    private final ViewDecoder<V> decoder;
    private final Packing<V> packing;
    private final Clock clock;
    private final Duration rebuildAfter;
    private final Duration probeInterval;
    private final Duration staleAfter;
    private final Instant startedAt;

    private final List<ViewListener<V>> listeners = new CopyOnWriteArrayList<>();
    private final Queue<ViewListener<V>> newListeners = new ConcurrentLinkedQueue<>();
    private final CountDownLatch ready = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicLong undecodable = new AtomicLong();
    private final AtomicLong rebuilds = new AtomicLong();
    private final Object changed = new Object();
    private final Thread thread;

    /** What readers see. */
    private volatile ViewContents<V> served;

    /** The view holds everything that was committed before this moment; null until ready. */
    private volatile Instant completeAsOf;

    private final AtomicLong edition = new AtomicLong();

    /** By partition: the first offset that readers do not see yet. */
    private final Map<Integer, Long> shown = new ConcurrentHashMap<>();

    private volatile Consumer<String, byte[]> consumer;

    // Everything below belongs to the view's thread.

    /** What records are applied to: the served contents, or the new ones while building. */
    private ViewContents<V> written;

    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private Probe probe;
    private Instant nextProbe = Instant.MIN;
    private boolean stale;

    /** A question for the end offsets. Once they are reached, the view is complete as of the moment of the question. */
    private record Probe(Instant askedAt, CompletableFuture<Map<TopicPartition, ListOffsetsResultInfo>> ends) {}

    private TopicView(Builder<V> builder) {
        topic = builder.topic;
        kafkaConfig = builder.kafkaConfig;
        decoder = builder.decoder;
        clock = builder.clock;
        rebuildAfter = builder.rebuildAfter;
        probeInterval = builder.probeInterval;
        staleAfter = builder.staleAfter;
        packing = builder.packing;
        served = new ViewContents<>(packing);
        written = new ViewContents<>(packing);
        listeners.addAll(builder.listeners);
        startedAt = clock.instant();
        thread = new Thread(this::run, "view-" + topic);
        thread.setDaemon(true);
    }

    /** {@code kafkaConfig} gives the connection (bootstrap servers, TLS, SASL); what makes a view is set here. */
    public static <V> Builder<V> builder(String topic, Map<String, Object> kafkaConfig, ViewDecoder<V> decoder) {
        return new Builder<>(topic, kafkaConfig, decoder);
    }

    /** A view of events whose data is {@code type}, for instance {@code json(Topics.PORTALS, config, PortalRecord.class, PortalRecord::version)}. */
    public static <V> Builder<V> json(
            String topic, Map<String, Object> kafkaConfig, Class<V> type, ToLongFunction<V> version) {
        return builder(topic, kafkaConfig, new JsonDecoder<>(type, version));
    }

    /** The effective assignments, of which there may be a million. */
    public static Builder<AssignmentsRecord> assignments(Map<String, Object> kafkaConfig) {
        return json(Topics.ASSIGNMENTS, kafkaConfig, AssignmentsRecord.class, AssignmentsRecord::version)
                .packing(new PackedAssignments());
    }

    public String topic() {
        return topic;
    }

    public Optional<V> get(String key) {
        return served.get(key);
    }

    /** Whether what readers see reaches this record of the topic: whatever it said counts, unless a later one says otherwise. */
    public boolean shows(int partition, long offset) {
        return shown.getOrDefault(partition, 0L) > offset;
    }

    /** Waits for a key that another service may have written just now; empty when it has not come by then. */
    public Optional<V> await(String key, Duration atMost) throws InterruptedException {
        var limit = System.nanoTime() + atMost.toNanos();
        synchronized (changed) {
            for (var value = get(key); ; value = get(key)) {
                var left = TimeUnit.NANOSECONDS.toMillis(limit - System.nanoTime());
                if (value.isPresent() || left <= 0) {
                    return value;
                }
                changed.wait(left);
            }
        }
    }

    /** Whether the view surely holds everything that was committed before that moment; it finds out every few seconds. */
    public boolean isCompleteAsOf(Instant moment) {
        var asOf = completeAsOf;
        return asOf != null && !asOf.isBefore(moment);
    }

    public int size() {
        return served.size();
    }

    /**
     * Goes up after each change that readers see. Whoever has asked for this first, and then for some keys, may keep what he has found as long
     * as it is the same.
     */
    public long edition() {
        return edition.get();
    }

    /** All entries as they are now; a copy, so not for every call. */
    public Map<String, V> snapshot() {
        var copy = new HashMap<String, V>();
        served.forEach((key, entry) -> copy.put(key, entry.value()));
        return Collections.unmodifiableMap(copy);
    }

    /** Goes through the entries without copying; changes made meanwhile may or may not be seen. */
    public void forEach(BiConsumer<String, V> visitor) {
        served.forEach((key, entry) -> visitor.accept(key, entry.value()));
    }

    public boolean ready() {
        return ready.getCount() == 0;
    }

    public boolean awaitReady(Duration atMost) throws InterruptedException {
        return ready.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** How far the view may lag behind the topic: the time since which it is not known to be complete. */
    public Duration age() {
        var asOf = completeAsOf;
        return Duration.between(asOf == null ? startedAt : asOf, clock.instant());
    }

    /** Whether the view is older than it should ever be while Kafka is there. */
    public boolean stale() {
        return age().compareTo(staleAfter) > 0;
    }

    /** Records since the start that nobody could understand. */
    public long undecodable() {
        return undecodable.get();
    }

    /** How often the view was built anew after the first time. */
    public long rebuilds() {
        return rebuilds.get();
    }

    /** From now on {@code listener} hears of every change, beginning with all that is there, as if it were new. */
    public void onChange(ViewListener<V> listener) {
        newListeners.add(listener);
    }

    @Override
    public void close() {
        closed.countDown();
        var current = consumer;
        if (current != null) {
            current.wakeup();
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void run() {
        var failing = false;
        while (!isClosed()) {
            try (var kafka = newConsumer();
                    var admin = newAdmin()) {
                consumer = kafka;
                probe = null;
                try {
                    while (!isClosed()) {
                        follow(kafka, admin);
                        failing = false;
                    }
                } finally {
                    // An answer that the broker holds back until there is something new is not waited for.
                    kafka.close(CloseOptions.timeout(Duration.ZERO));
                }
            } catch (WakeupException e) {
                // Closing.
            } catch (InvalidOffsetException e) {
                LOG.warnf("view lost its place topic=%s: %s", topic, e.getMessage());
                beginRebuild();
            } catch (RuntimeException | Error e) {
                // Also an Error: a view that is gone silently would let in for ever whoever it last knew. It may have
                // come
                // between a change and its number.
                edition.incrementAndGet();
                if (!failing) {
                    LOG.warnf(e, "view cannot read topic=%s", topic);
                }
                failing = true;
                pause();
            } finally {
                consumer = null;
            }
        }
    }

    private void follow(Consumer<String, byte[]> kafka, Admin admin) {
        introduceNewListeners();
        if (!assignPartitions(kafka)) {
            reportAge();
            pause();
            return;
        }
        var records = kafka.poll(POLL);
        records.forEach(this::apply);
        if (!records.isEmpty()) {
            wakeWaiters();
        }
        notePositions(kafka);
        watchCompleteness(kafka, admin);
        reportAge();
    }

    private boolean assignPartitions(Consumer<String, byte[]> kafka) {
        var infos = kafka.partitionsFor(topic);
        if (infos == null || infos.isEmpty()) {
            return !kafka.assignment().isEmpty();
        }
        var all = infos.stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .collect(Collectors.toSet());
        var assigned = kafka.assignment();
        if (assigned.containsAll(all)) {
            return true;
        }
        var added =
                all.stream().filter(partition -> !assigned.contains(partition)).collect(Collectors.toSet());
        kafka.assign(all);
        seek(kafka, added);
        return true;
    }

    private void seek(Consumer<String, byte[]> kafka, Set<TopicPartition> partitions) {
        for (var partition : partitions) {
            var position = positions.get(partition);
            if (position == null) {
                kafka.seekToBeginning(List.of(partition));
            } else {
                kafka.seek(partition, position);
            }
        }
    }

    private void wakeWaiters() {
        synchronized (changed) {
            changed.notifyAll();
        }
    }

    private void notePositions(Consumer<?, ?> kafka) {
        for (var partition : kafka.assignment()) {
            try {
                long position = kafka.position(partition, Duration.ZERO);
                positions.put(partition, position);
                if (!building()) {
                    shown.put(partition.partition(), position);
                }
            } catch (TimeoutException e) {
                // Not known yet where this partition begins; the others go on meanwhile.
            }
        }
    }

    private void apply(ConsumerRecord<String, byte[]> record) {
        if (record.key() == null) {
            notUnderstood(record, new IllegalArgumentException("record without a key"));
            return;
        }
        var change = changeBy(record);
        if (written == served && change.isPresent()) {
            edition.incrementAndGet();
            tell(change.get());
        }
    }

    private Optional<ViewContents.Change<V>> changeBy(ConsumerRecord<String, byte[]> record) {
        try {
            return record.value() == null
                    ? written.remove(record.key(), TombstoneVersion.of(record), clock.instant())
                    : written.put(record.key(), decoder.decode(record));
        } catch (Exception e) {
            notUnderstood(record, e);
            return written.remove(record.key(), OptionalLong.empty(), clock.instant());
        }
    }

    private void notUnderstood(ConsumerRecord<String, byte[]> record, Exception e) {
        undecodable.incrementAndGet();
        LOG.warnf(
                e,
                "view cannot understand a record, its key counts as removed topic=%s partition=%d offset=%d",
                topic,
                record.partition(),
                record.offset());
    }

    private void watchCompleteness(Consumer<?, ?> kafka, Admin admin) {
        if (probe == null) {
            var now = clock.instant();
            if (!now.isBefore(nextProbe)) {
                probe = new Probe(now, askForEnds(kafka, admin));
            }
            return;
        }
        if (!probe.ends().isDone()) {
            return;
        }
        if (probe.ends().isCompletedExceptionally()) {
            LOG.debugf("view gets no end offsets topic=%s", topic);
            endProbe();
            return;
        }
        if (building()) {
            if (reached(probe)) {
                completeBuild(probe.askedAt());
                endProbe();
            }
        } else if (Duration.between(completeAsOf, probe.askedAt()).compareTo(rebuildAfter) > 0) {
            LOG.warnf("view was away too long to go on, built anew topic=%s age=%s", topic, age());
            beginRebuild();
            // The consumer still stands at the old positions.
            kafka.seekToBeginning(kafka.assignment());
        } else if (reached(probe)) {
            completeAsOf = probe.askedAt();
            written.forgetRemovalsBefore(completeAsOf.minus(rebuildAfter));
            endProbe();
        }
    }

    private CompletableFuture<Map<TopicPartition, ListOffsetsResultInfo>> askForEnds(
            Consumer<?, ?> kafka, Admin admin) {
        var question = kafka.assignment().stream()
                .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
        var options = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED).timeoutMs(PROBE_TIMEOUT_MS);
        return admin.listOffsets(question, options).all().toCompletionStage().toCompletableFuture();
    }

    private boolean reached(Probe answered) {
        return answered.ends().join().entrySet().stream()
                .allMatch(end -> positions.getOrDefault(end.getKey(), -1L)
                        >= end.getValue().offset());
    }

    private void endProbe() {
        probe = null;
        nextProbe = clock.instant().plus(probeInterval);
    }

    private boolean building() {
        return written != served;
    }

    private void beginRebuild() {
        written = new ViewContents<>(packing);
        positions.clear();
        probe = null;
        nextProbe = Instant.MIN;
    }

    private void completeBuild(Instant asOf) {
        var before = served;
        served = written;
        edition.incrementAndGet();
        completeAsOf = asOf;
        positions.forEach((partition, position) -> shown.put(partition.partition(), position));
        if (ready()) {
            rebuilds.incrementAndGet();
        }
        before.forEach((key, old) -> {
            if (served.get(key).isEmpty()) {
                tell(new ViewContents.Change<>(key, Optional.of(old.value()), Optional.empty()));
            }
        });
        served.forEach((key, now) -> {
            var old = before.find(key);
            if (old.isEmpty() || old.get().version() != now.version()) {
                tell(new ViewContents.Change<>(key, old.map(Versioned::value), Optional.of(now.value())));
            }
        });
        ready.countDown();
        wakeWaiters();
        LOG.infof("view ready topic=%s size=%d undecodable=%d", topic, served.size(), undecodable.get());
    }

    private void introduceNewListeners() {
        for (var listener = newListeners.poll(); listener != null; listener = newListeners.poll()) {
            var added = listener;
            served.forEach((key, entry) ->
                    tell(added, new ViewContents.Change<>(key, Optional.empty(), Optional.of(entry.value()))));
            listeners.add(added);
        }
    }

    private void tell(ViewContents.Change<V> change) {
        listeners.forEach(listener -> tell(listener, change));
    }

    private void tell(ViewListener<V> listener, ViewContents.Change<V> change) {
        try {
            listener.onChange(change.key(), change.old(), change.now());
        } catch (RuntimeException e) {
            LOG.errorf(e, "view listener failed topic=%s key=%s", topic, change.key());
        }
    }

    private void reportAge() {
        if (stale() == stale) {
            return;
        }
        stale = !stale;
        if (stale) {
            LOG.warnf("view is stale, Kafka seems away topic=%s age=%s", topic, age());
        } else {
            LOG.infof("view is up to date again topic=%s", topic);
        }
    }

    private void pause() {
        try {
            var unused = closed.await(PAUSE_AFTER_FAILURE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Consumer<String, byte[]> newConsumer() {
        var config = new HashMap<>(kafkaConfig);
        config.remove(ConsumerConfig.GROUP_ID_CONFIG);
        config.put(ConsumerConfig.CLIENT_ID_CONFIG, "view-" + topic);
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 5_000);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1_000);
        // A broker that has nothing new answers so often nevertheless; what is new it tells at once. Partitions never
        // come in between.
        config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 5_000);
        // What is under way dies young. With more at once a small heap keeps it until a collection of everything.
        config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 256 * 1024);
        config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 1024 * 1024);
        return new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
    }

    private Admin newAdmin() {
        var config = new HashMap<>(kafkaConfig);
        config.put(AdminClientConfig.CLIENT_ID_CONFIG, "view-" + topic + "-probe");
        return Admin.create(config);
    }

    /** Settings of a view; those not given have the values that production wants. */
    public static final class Builder<V> {
        private final String topic;
        private final Map<String, Object> kafkaConfig;
        private final ViewDecoder<V> decoder;
        private final Collection<ViewListener<V>> listeners = new CopyOnWriteArrayList<>();
        private Packing<V> packing = Packing.none();
        private Clock clock = Clock.systemUTC();
        private Duration rebuildAfter = Duration.ofDays(7);
        private Duration probeInterval = Duration.ofSeconds(5);
        private Duration staleAfter = Duration.ofSeconds(30);

        private Builder(String topic, Map<String, Object> kafkaConfig, ViewDecoder<V> decoder) {
            this.topic = Objects.requireNonNull(topic, "topic");
            this.kafkaConfig = Map.copyOf(kafkaConfig);
            this.decoder = Objects.requireNonNull(decoder, "decoder");
        }

        /** How the values are kept in memory. */
        Builder<V> packing(Packing<V> packing) {
            this.packing = packing;
            return this;
        }

        public Builder<V> onChange(ViewListener<V> listener) {
            listeners.add(listener);
            return this;
        }

        public Builder<V> clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /** The topic's {@code delete.retention.ms}. */
        public Builder<V> rebuildAfter(Duration age) {
            this.rebuildAfter = age;
            return this;
        }

        /** How often to make sure that the view is complete. */
        public Builder<V> probeInterval(Duration interval) {
            this.probeInterval = interval;
            return this;
        }

        /** From which age on to warn. */
        public Builder<V> staleAfter(Duration age) {
            this.staleAfter = age;
            return this;
        }

        /** Starts reading and returns at once; see {@link TopicView#awaitReady}. */
        public TopicView<V> start() {
            var view = new TopicView<>(this);
            view.thread.start();
            return view;
        }
    }
}
