package org.m365connector.sync.round;

import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.m365connector.events.NotificationHint;
import org.m365connector.outbox.Consumption;
import org.m365connector.sync.subscription.SubscriptionLedger;
import org.m365connector.sync.watch.Containers;

/** Notes that a container has changed, or what Graph says of a subscription. The round finds out what it was. */
@ApplicationScoped
class HintListener {
    private final Consumption consumption;
    private final Containers containers;
    private final SubscriptionLedger subscriptions;
    private final RoundWorkers workers;
    private final MeterRegistry meters;

    HintListener(
            Consumption consumption,
            Containers containers,
            SubscriptionLedger subscriptions,
            RoundWorkers workers,
            MeterRegistry meters) {
        this.consumption = consumption;
        this.containers = containers;
        this.subscriptions = subscriptions;
        this.workers = workers;
        this.meters = meters;
    }

    @Incoming("notifications")
    @Blocking(ordered = false)
    void on(ConsumerRecord<String, byte[]> record) {
        consumption.process(
                record,
                consumed -> note(
                        consumed.as(NotificationHint.class).data(),
                        consumed.event().time()));
        workers.wake();
    }

    /** The container's lock before the subscription's, as everywhere. */
    private void note(NotificationHint hint, Instant taken) {
        String event = hint.lifecycleEvent().orElse("");
        if (event.equals("reauthorizationRequired")) {
            subscriptions.renewSoon(hint.watch(), taken);
            return;
        }
        // A change, "missed", or a word of tomorrow: a round finds out.
        if (!containers.hinted(hint.watch())) {
            // Late notifications of ended watches are normal.
            meters.counter("m365.sync.hints.unknown").increment();
        }
        if (event.equals("subscriptionRemoved")) {
            subscriptions.removed(hint.watch(), hint.subscriptionId());
        }
    }
}
