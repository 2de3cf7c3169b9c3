package org.m365connector.assignment.assignment;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;
import org.m365connector.assignment.user.PortalEnd;
import org.m365connector.assignment.user.PortalLock;
import org.m365connector.events.PortalId;
import org.m365connector.outbox.Consumption;
import org.m365connector.outbox.PoisonException;
import org.m365connector.view.Views;

/** Portals that are gone, on {@code m365.portals}: nothing of theirs is kept but what was done, without the persons. */
@ApplicationScoped
class PortalEvents {
    private static final Logger LOG = Logger.getLogger(PortalEvents.class);

    private final Consumption consumption;
    private final RegistrationService registrations;
    private final PortalEnd end;
    private final PortalLock locks;
    private final Views views;

    PortalEvents(
            Consumption consumption, RegistrationService registrations, PortalEnd end, PortalLock locks, Views views) {
        this.consumption = consumption;
        this.registrations = registrations;
        this.end = end;
        this.locks = locks;
        this.views = views;
    }

    void start(@Observes StartupEvent event) {
        views.portals();
    }

    @Incoming("portals")
    @Blocking(ordered = false)
    void on(ConsumerRecord<String, byte[]> record) {
        if (record.value() == null) {
            consumption.process(record, consumed -> {}, this::gone);
        }
    }

    private void gone(Consumption.Removed removed) {
        PortalId portal;
        try {
            portal = new PortalId(removed.key());
        } catch (IllegalArgumentException e) {
            throw new PoisonException("the key is not a portal");
        }
        var version = TombstoneVersion.of(removed.raw());
        OnItsWay.await(views.portals(), removed.raw());
        // Read from the beginning, an end may come of a portal that has been onboarded again since, also while somebody
        // is waited for.
        if (isThere(portal)) {
            return;
        }
        locks.exclude(portal);
        if (isThere(portal)) {
            return;
        }
        registrations.portalGone(portal);
        end.forget(portal, version);
        LOG.infof("portal gone portal=%s", portal);
    }

    private boolean isThere(PortalId portal) {
        return views.portals().get(portal.value()).isPresent();
    }
}
