package org.m365connector.sync.action;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.m365connector.outbox.Consumption;
import org.m365connector.outbox.PoisonException;

/** Actions from the topics of all portals. */
@ApplicationScoped
class ActionListener {
    private final Consumption consumption;
    private final ActionIntake intake;
    private final ActionWorkers workers;

    ActionListener(Consumption consumption, ActionIntake intake, ActionWorkers workers) {
        this.consumption = consumption;
        this.intake = intake;
        this.workers = workers;
    }

    @Incoming("actions")
    @Blocking(ordered = false)
    void on(ConsumerRecord<String, byte[]> record) {
        consumption.process(
                record,
                consumed -> intake.take(
                        consumed.portal().orElseThrow(() -> new PoisonException("not a portal's topic")),
                        consumed.key(),
                        consumed.event()));
        workers.wake();
    }
}
