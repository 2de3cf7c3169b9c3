package org.m365connector.auth.portal;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import org.jboss.logging.Logger;
import org.m365connector.auth.QuietJobs;
import org.m365connector.events.PortalId;

/** Removes portals whose subscriptions nobody has reported as gone. Every replica does it; none is in another's way. */
@ApplicationScoped
class PortalEndings {

    private static final Logger LOG = Logger.getLogger(PortalEndings.class);

    private final Portals portals;
    private final PortalService service;
    private final EndingSettings settings;
    private final QuietJobs jobs;
    private final Clock clock;

    PortalEndings(Portals portals, PortalService service, EndingSettings settings, QuietJobs jobs, Clock clock) {
        this.portals = portals;
        this.service = service;
        this.settings = settings;
        this.jobs = jobs;
        this.clock = clock;
    }

    @Scheduled(every = "10s", delayed = "10s", concurrentExecution = ConcurrentExecution.SKIP)
    void finishOverdue() {
        jobs.run(() -> {
            List<PortalId> overdue = QuarkusTransaction.requiringNew()
                    .call(() -> portals.ending(clock.instant().minus(settings.within())));
            for (PortalId portal : overdue) {
                LOG.warnf("Portal is removed, its subscriptions were not reported as gone portal=%s", portal);
                service.finish(portal);
            }
        });
    }
}
