package org.m365connector.sync.door;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jboss.logging.Logger;
import org.m365connector.events.EncryptedResource;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.NotificationHint;
import org.m365connector.events.Topics;
import org.m365connector.sync.work.Role;
import org.m365connector.sync.work.RolesConfig;

/**
 * Puts hints on {@code m365.notifications}, acknowledged by all replicas. {@link #send} never blocks: the producer, which may
 * block while it looks for the broker, has a thread of its own.
 */
@ApplicationScoped
class HintProducer {
    private static final Logger LOG = Logger.getLogger(HintProducer.class);
    private static final URI SOURCE = URI.create("/m365/sync/door");
    private static final String TRUE = "true";

    private final Map<String, Object> kafkaConfig;
    private final DoorConfig config;
    private final boolean active;
    private final Clock clock;
    private final Backlog backlog;
    private final ExecutorService sender = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "door-sender");
        thread.setDaemon(true);
        return thread;
    });
    /** Touched by the sender's thread alone. */
    private Producer<String, byte[]> producer;

    private volatile boolean open;

    HintProducer(
            @Identifier("default-kafka-broker") Map<String, Object> kafkaConfig,
            DoorConfig config,
            RolesConfig roles,
            MeterRegistry meters,
            Clock clock) {
        this.kafkaConfig = kafkaConfig;
        this.config = config;
        this.active = roles.roles().contains(Role.DOOR);
        this.clock = clock;
        this.backlog = new Backlog(config.mostInFlight(), config.answerWithin().dividedBy(2), System::nanoTime);
        meters.gauge("m365.sync.door.in.flight", backlog, Backlog::items);
    }

    void start(@Observes StartupEvent event) {
        if (active) {
            sender.execute(this::open);
        }
    }

    void stop(@Observes ShutdownEvent event) {
        sender.execute(() -> {
            if (producer != null) {
                producer.close(Duration.ofSeconds(2));
            }
        });
        sender.shutdown();
    }

    /** Whether {@link #send} would say yes to about as many; asked before a body is read, since refusing has to be cheap. */
    boolean hasRoomFor(int items) {
        return backlog.hasRoomFor(items);
    }

    /**
     * Sends all hints or says no.
     *
     * @param done told once, on any thread: true when every hint is stored, false when one could not be
     * @return false where too much is on its way already, or for too long; then {@code done} is not called
     */
    boolean send(List<NotificationHint> hints, Consumer<Boolean> done) {
        int weight = hints.stream().mapToInt(HintProducer::weight).sum();
        Optional<Backlog.Entry> entry = backlog.enter(weight);
        entry.ifPresent(entered -> sender.execute(() -> sendNow(hints, entered, done)));
        return entry.isPresent();
    }

    /** Content takes memory while it waits. */
    private static int weight(NotificationHint hint) {
        return 1 + hint.content().map(HintProducer::size).orElse(0) / 1024;
    }

    private static int size(EncryptedResource content) {
        return content.data().length()
                + content.validationTokens().stream().mapToInt(String::length).sum();
    }

    private void sendNow(List<NotificationHint> hints, Backlog.Entry entry, Consumer<Boolean> done) {
        AtomicInteger outstanding = new AtomicInteger(hints.size());
        AtomicBoolean stored = new AtomicBoolean(true);
        for (NotificationHint hint : hints) {
            AtomicBoolean answered = new AtomicBoolean();
            Consumer<Boolean> acknowledged = ok -> {
                if (!answered.compareAndSet(false, true)) {
                    return;
                }
                entry.leave(weight(hint));
                if (!ok) {
                    stored.set(false);
                }
                if (outstanding.decrementAndGet() == 0) {
                    done.accept(stored.get());
                }
            };
            // After one failure the rest would only wait for the same broker; Graph sends all of them again.
            if (!stored.get()) {
                acknowledged.accept(false);
                continue;
            }
            try {
                var unused = producer()
                        .send(
                                EventCodec.write(
                                        Topics.NOTIFICATIONS,
                                        hint.watch(),
                                        Event.of(
                                                UUID.randomUUID().toString(),
                                                SOURCE,
                                                NotificationHint.TYPE,
                                                clock.instant(),
                                                hint)),
                                (metadata, failure) -> acknowledged.accept(failure == null));
            } catch (RuntimeException e) {
                LOG.debugf(e, "hint not sent watch=%s", hint.watch());
                acknowledged.accept(false);
            }
        }
    }

    /** Asks for the topic's partitions, so that the first notification need not wait for them. */
    private void open() {
        try {
            producer().partitionsFor(Topics.NOTIFICATIONS);
        } catch (RuntimeException e) {
            LOG.warnf("door finds no broker yet reason=%s", e.getMessage());
        }
    }

    /**
     * Made when it is first needed, and tried again with the next notification where that fails: a broker whose name does not
     * resolve yet must not close the door until somebody restarts us.
     */
    private Producer<String, byte[]> producer() {
        if (producer == null) {
            producer = new KafkaProducer<>(producerConfig(), new StringSerializer(), new ByteArraySerializer());
            open = true;
        }
        return producer;
    }

    /** Whether notifications can be taken as far as our own configuration goes; the broker may be away all the same. */
    boolean isReady() {
        return !active || open;
    }

    /** Opens the door's producer where that has failed so far. */
    void tryToOpen() {
        if (active && !open) {
            sender.execute(this::open);
        }
    }

    private Map<String, Object> producerConfig() {
        int within = (int) config.answerWithin().toMillis();
        Map<String, Object> settings = new HashMap<>(kafkaConfig);
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, "sync-door");
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, TRUE);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 2);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, within / 2);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, within - 100);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, within);
        settings.put(ProducerConfig.METADATA_MAX_AGE_CONFIG, 5_000);
        settings.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
        return settings;
    }
}
