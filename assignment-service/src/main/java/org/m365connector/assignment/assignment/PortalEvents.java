package org.m365connector.assignment.assignment;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;
import org.m365connector.assignment.user.GonePortals;
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
    private final GonePortals gone;
    private final Views views;

    PortalEvents(
            Consumption consumption,
            RegistrationService registrations,
            PortalEnd end,
            PortalLock locks,
            GonePortals gone,
            Views views) {
        this.consumption = consumption;
        this.registrations = registrations;
        this.end = end;
        this.locks = locks;
        this.gone = gone;
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
        var version = removed.version();
        OnItsWay.await(views.portals(), removed.raw());
        locks.exclude(portal);
        if (gone.isCarriedOut(portal, version)) {
            return;
        }
        // Asked behind the lock: it may have been onboarded again while this waited.
        var isThereAgain = views.portals().get(portal.value()).isPresent();
        if (isThereAgain && version.isEmpty()) {
            // Nobody can tell what is from before such an end.
            return;
        }
        registrations.portalGone(portal, version);
        if (isThereAgain) {
            end.forgetWhoWasToldBefore(Instant.ofEpochMilli(removed.raw().timestamp()), portal, version);
        } else {
            end.forget(portal, version);
        }
        registrations.peopleForgotten(portal);
        LOG.infof("portal gone portal=%s isThereAgain=%s", portal, isThereAgain);
    }
}
