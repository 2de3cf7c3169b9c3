package org.m365connector.graphproxy.throttle;

import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.ReplicaAlive;
import org.m365connector.events.ScopeHeld;
import org.m365connector.events.ScopeThrottled;
import org.m365connector.events.ScopeUsed;
import org.m365connector.events.TurnEnded;
import org.m365connector.events.TurnTaken;
import org.m365connector.graphproxy.outlet.Outlet;

/** Writes what a replica tells the others, in the order in which it is told, or loses it. Never blocks. */
final class Teller implements AutoCloseable {

    /** All of it stands on one partition, in one order. */
    static final int PARTITION = 0;

    /** Turns and heartbeats are asked for again before they are so old. */
    private static final long OLD_MILLIS = 4_000;

    private final String self;
    private final String topic;
    private final Clock clock;
    private final Time time;
    private final Outlet outlet;
    private final AtomicLong number = new AtomicLong();

    /** @param clock for the times that events carry, which nobody counts by */
    Teller(String self, Map<String, Object> kafkaConfig, String topic, Clock clock, Time time) {
        this.self = self;
        this.topic = topic;
        this.clock = clock;
        this.time = time;
        // Nobody reads what not all brokers have, so it costs nothing to wait for them; and nothing is written twice.
        outlet = new Outlet(
                "throttling",
                kafkaConfig,
                Map.of(
                        ProducerConfig.ACKS_CONFIG, "all",
                        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true,
                        ProducerConfig.LINGER_MS_CONFIG, 0,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG, 2_000,
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 3_000,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 4_000),
                10_000);
    }

    /** @return the event's id */
    String tell(Object news) {
        if (news instanceof TurnTaken turn) {
            return tell(turn.app(), TurnTaken.TYPE, turn);
        }
        if (news instanceof TurnEnded turn) {
            return tell(turn.app(), TurnEnded.TYPE, turn);
        }
        if (news instanceof ScopeThrottled closed) {
            return tell(closed.app() + "/" + closed.scope(), ScopeThrottled.TYPE, closed);
        }
        if (news instanceof ScopeHeld held) {
            return tell(held.app() + "/" + held.scope(), ScopeHeld.TYPE, held);
        }
        if (news instanceof ScopeUsed used) {
            return tell(used.app() + "/" + used.scope(), ScopeUsed.TYPE, used);
        }
        return tell(self, ReplicaAlive.TYPE, (ReplicaAlive) news);
    }

    private String tell(String key, String type, Object news) {
        String id = self + "-" + number.incrementAndGet();
        Instant now = clock.instant();
        long saidAt = time.millis();
        outlet.offer(() -> {
            Optional<Object> worth = worthSaying(news, time.millis() - saidAt);
            return worth.map(data -> {
                        Event<Object> event = Event.of(id, URI.create("/m365/graph-proxy-service"), type, now, data);
                        return EventCodec.write(topic, key, event);
                    })
                    .map(record -> new ProducerRecord<>(topic, PARTITION, key, record.value(), record.headers()));
        });
        return id;
    }

    /** What is left of it after it could not be said for so long: those who hear it take it for new. */
    static Optional<Object> worthSaying(Object news, long age) {
        if (news instanceof ScopeThrottled closed) {
            return closed.millis() > age
                    ? Optional.of(
                            new ScopeThrottled(closed.app(), closed.scope(), closed.replica(), closed.millis() - age))
                    : Optional.empty();
        }
        if (news instanceof ScopeUsed used) {
            return age < used.windowMillis() ? Optional.of(news) : Optional.empty();
        }
        return age < OLD_MILLIS ? Optional.of(news) : Optional.empty();
    }

    @Override
    public void close() {
        outlet.close();
    }
}
