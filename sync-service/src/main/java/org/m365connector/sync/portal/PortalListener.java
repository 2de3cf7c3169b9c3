package org.m365connector.sync.portal;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.m365connector.events.PortalId;
import org.m365connector.outbox.Consumption;
import org.m365connector.outbox.PoisonException;

/**
 * Portals that are removed. Whoever only looks whether a portal is missed does not see that it was when it is onboarded again soon, so
 * each end is heard of by itself.
 */
@ApplicationScoped
class PortalListener {
    private final Consumption consumption;
    private final Event<PortalEnded> ends;

    PortalListener(Consumption consumption, Event<PortalEnded> ends) {
        this.consumption = consumption;
        this.ends = ends;
    }

    @Incoming("portals")
    @Blocking(ordered = false)
    void on(ConsumerRecord<String, byte[]> record) {
        if (record.value() == null) {
            consumption.process(record, consumed -> {}, this::removed);
        }
    }

    /** Without a version, as from an operator's hand, nobody can say what is of before: it goes where the portal is missed. */
    private void removed(Consumption.Removed removed) {
        removed.version().ifPresent(version -> ends.fire(new PortalEnded(portal(removed.key()), version)));
    }

    private static PortalId portal(String key) {
        try {
            return new PortalId(key);
        } catch (IllegalArgumentException e) {
            throw new PoisonException("the key is not a portal");
        }
    }
}
