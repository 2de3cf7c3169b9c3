package org.m365connector.auth.attention;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.persistence.LockModeType;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.m365connector.auth.QuietJobs;
import org.m365connector.auth.portal.Portal;
import org.m365connector.auth.portal.PortalChanged;
import org.m365connector.auth.portal.Portals;
import org.m365connector.events.PortalId;

/**
 * Says ahead of time that a portal's entitlement ends, and then that it is over; no longer, once it is renewed. Only tells: what
 * is refused from when on, everybody decides for himself.
 */
@ApplicationScoped
class EntitlementCheck {

    private final Portals portals;
    private final Attentions attentions;
    private final QuietJobs jobs;
    private final Clock clock;

    EntitlementCheck(Portals portals, Attentions attentions, QuietJobs jobs, Clock clock) {
        this.portals = portals;
        this.attentions = attentions;
        this.jobs = jobs;
        this.clock = clock;
    }

    @Scheduled(every = "1m", delayed = "10s", concurrentExecution = ConcurrentExecution.SKIP)
    void lookAtAll() {
        jobs.run(() -> QuarkusTransaction.requiringNew()
                .call(portals::limited)
                .forEach(portal -> jobs.run(() -> lookAgain(portal))));
    }

    /** In the transaction of the change. */
    void onChanged(@Observes PortalChanged changed) {
        look(changed.portal());
    }

    private void lookAgain(PortalId id) {
        QuarkusTransaction.requiringNew().run(() -> portals.findByIdOptional(id.value(), LockModeType.PESSIMISTIC_WRITE)
                .ifPresent(this::look));
    }

    private void look(Portal portal) {
        Concern ending = Concern.of(portal.id(), AttentionKind.ENTITLEMENT_ENDING);
        Concern over = Concern.of(portal.id(), AttentionKind.ENTITLEMENT_OVER);
        // As exact as the database keeps it, so that the same end is recognised.
        Optional<Instant> end = portal.entitled().until().map(until -> until.truncatedTo(ChronoUnit.MICROS));
        EntitlementStage stage = EntitlementStage.of(portal.entitled(), clock.instant());
        switch (stage) {
            case FAR -> {
                attentions.over(ending);
                attentions.over(over);
            }
            case ENDING, ENDING_SOON -> {
                attentions.over(over);
                attentions.raiseAnew(ending, end, stage.urgency());
            }
            case OVER -> {
                attentions.over(ending);
                attentions.raiseAnew(over, end, stage.urgency());
            }
        }
    }
}
