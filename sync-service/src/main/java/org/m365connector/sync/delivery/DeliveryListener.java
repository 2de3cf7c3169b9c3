package org.m365connector.sync.delivery;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.m365connector.outbox.Consumption;

/** What the topics of all portals tell, kept for those that have no Kafka. */
@ApplicationScoped
class DeliveryListener {
    private final Consumption consumption;
    private final DeliveryService service;
    private final DeliveryWorkers workers;

    DeliveryListener(Consumption consumption, DeliveryService service, DeliveryWorkers workers) {
        this.consumption = consumption;
        this.service = service;
        this.workers = workers;
    }

    @Incoming("deliveries")
    @Blocking(ordered = false)
    void on(ConsumerRecord<String, byte[]> record) {
        if (record.value() == null) {
            // A tombstone means nothing on these topics, and an event always has a value.
            return;
        }
        AtomicBoolean kept = new AtomicBoolean();
        consumption.take(record, service::isWanted, wanted -> {
            service.stage(wanted);
            kept.set(true);
        });
        if (kept.get()) {
            workers.wake();
        }
    }
}
