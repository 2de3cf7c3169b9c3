package org.m365connector.graphproxy.audit;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.common.annotation.Identifier;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.m365connector.events.Event;
import org.m365connector.events.EventTemplate;
import org.m365connector.events.GraphCalled;
import org.m365connector.events.Topics;
import org.m365connector.graphproxy.outlet.Outlet;

/**
 * Writes every call to {@code m365.audit}, and costs it a place in a queue. Kafka away, or too slow: what is lost is counted.
 *
 * <p>Of callers without a key there is no end; they get a quarter of the queue and so many records a second, so that they
 * displace nobody else's and do not fill the topic.
 */
@ApplicationScoped
public class AuditTrail {

    private static final URI SOURCE = URI.create("/m365/graph-proxy-service");
    private static final long MEMORY = 8L * 1024 * 1024;

    /** Short enough that what has gathered takes the processor for no longer than a call may wait. */
    private static final Duration GATHERING = Duration.ofMillis(5);

    private static final int STRANGERS_A_SECOND = 50;

    private final Clock clock = Clock.systemUTC();
    private final EventTemplate events = new EventTemplate(Topics.AUDIT, SOURCE, GraphCalled.TYPE);
    private final String replica = UUID.randomUUID().toString();
    private final AtomicLong number = new AtomicLong();
    private final Optional<Outlet> outlet;
    private final int queue;
    private final Rate strangers = new Rate(STRANGERS_A_SECOND);
    private final AtomicLong strangersDropped = new AtomicLong();

    AuditTrail(
            AuditConfig config,
            @Identifier("default-kafka-broker") Map<String, Object> kafkaConfig,
            MeterRegistry meters) {
        queue = config.queue();
        outlet = config.enabled()
                ? Optional.of(new Outlet(
                        "audit",
                        kafkaConfig,
                        Map.of(
                                ProducerConfig.ACKS_CONFIG,
                                "all",
                                ProducerConfig.LINGER_MS_CONFIG,
                                50,
                                // Nearly as small as gzip, for a tenth of the processor time.
                                ProducerConfig.COMPRESSION_TYPE_CONFIG,
                                "lz4",
                                ProducerConfig.BATCH_SIZE_CONFIG,
                                64 * 1024,
                                ProducerConfig.BUFFER_MEMORY_CONFIG,
                                MEMORY,
                                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                                5_000),
                        config.queue(),
                        GATHERING))
                : Optional.empty();
        outlet.ifPresent(audit -> {
            FunctionCounter.builder("m365.proxy.audit.sent", audit, Outlet::sent)
                    .description("Calls recorded on m365.audit")
                    .register(meters);
            FunctionCounter.builder("m365.proxy.audit.dropped", audit, Outlet::dropped)
                    .description("Calls that could not be recorded on m365.audit")
                    .register(meters);
            FunctionCounter.builder("m365.proxy.audit.strangers.dropped", strangersDropped, AtomicLong::get)
                    .description("Calls without a valid key that were not recorded on m365.audit, being too many")
                    .register(meters);
        });
    }

    /** Never waits and never fails. */
    public void add(GraphCalled call) {
        outlet.ifPresent(audit -> audit.offer(record(call)));
    }

    /** The same for a call of nobody that we know. */
    public void addOfStranger(GraphCalled call) {
        if (outlet.isEmpty()) {
            return;
        }
        Outlet audit = outlet.get();
        boolean room = audit.waiting() < Math.max(1, queue / 4);
        if (room && strangers.allows(clock.millis())) {
            audit.offer(record(call));
        } else {
            strangersDropped.incrementAndGet();
        }
    }

    private Supplier<Optional<ProducerRecord<String, byte[]>>> record(GraphCalled call) {
        Instant time = clock.instant();
        return () -> {
            Map<String, String> extensions = call.portalUser()
                    .map(user -> Map.of(Event.PORTAL_USER, user.value()))
                    .orElse(Map.of());
            String id = replica + "-" + number.incrementAndGet();
            return Optional.of(events.write(call.portalId().value(), id, time, extensions, call));
        };
    }

    @PreDestroy
    void close() {
        outlet.ifPresent(Outlet::close);
    }
}
