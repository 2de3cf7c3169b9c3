package org.m365connector.auth.portal;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;
import org.m365connector.events.PortalId;

/** Removes portals whose subscriptions nobody has reported as gone. */
@ApplicationScoped
class PortalEndings {

    private static final Logger LOG = Logger.getLogger(PortalEndings.class);

    private final Portals portals;
    private final PortalService service;
    private final OverdueEndings overdue;

    PortalEndings(Portals portals, PortalService service, OverdueEndings overdue) {
        this.portals = portals;
        this.service = service;
        this.overdue = overdue;
    }

    @Scheduled(every = "10s", delayed = "10s", concurrentExecution = ConcurrentExecution.SKIP)
    void finishOverdue() {
        overdue.finish(portals::ending, this::finish);
    }

    private void finish(PortalId portal) {
        LOG.warnf("Portal is removed, its subscriptions were not reported as gone portal=%s", portal);
        service.finish(portal);
    }
}
