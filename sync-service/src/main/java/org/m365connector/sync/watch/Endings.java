package org.m365connector.sync.watch;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalState;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationState;
import org.m365connector.sync.work.Role;
import org.m365connector.sync.work.RolesConfig;
import org.m365connector.view.Views;

/**
 * Reports portals and registrations that end as soon as no watch of theirs is left, which is when their subscriptions are gone at
 * Graph: then auth-service destroys their tokens. {@link AbandonedWatches} ends the watches. Every replica reports; it does no harm.
 */
@ApplicationScoped
class Endings {
    private static final Logger LOG = Logger.getLogger(Endings.class);

    /** The record goes soon after the report; where it does not, the report is repeated. */
    private static final Duration AGAIN_AFTER = Duration.ofSeconds(30);

    private final Watches watches;
    private final Views views;
    private final EndingReports reports;
    private final Clock clock;
    private final boolean active;
    private final Map<Ending, Instant> reported = new HashMap<>();
    private volatile boolean stopped;

    Endings(Watches watches, Views views, EndingReports reports, RolesConfig roles, Clock clock) {
        this.watches = watches;
        this.views = views;
        this.reports = reports;
        this.clock = clock;
        this.active = roles.roles().contains(Role.INBOUND);
    }

    /** @param registration missing where the whole portal ends */
    private record Ending(PortalId portal, Optional<RegistrationName> registration) {}

    void start(@Observes StartupEvent event) {
        if (active) {
            views.portals();
            views.registrations();
        }
    }

    void stop(@Observes ShutdownEvent event) {
        stopped = true;
    }

    @Scheduled(every = "2s", delayed = "2s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void look() {
        if (!active
                || stopped
                || !views.portals().ready()
                || !views.registrations().ready()) {
            return;
        }
        List<Ending> endings = endings();
        reported.keySet().retainAll(Set.copyOf(endings));
        for (Ending ending : endings) {
            Instant before = reported.get(ending);
            boolean due = before == null || clock.instant().isAfter(before.plus(AGAIN_AFTER));
            if (due && watches.noneOf(ending.portal(), ending.registration()) && report(ending)) {
                reported.put(ending, clock.instant());
            }
        }
    }

    private List<Ending> endings() {
        List<Ending> endings = new ArrayList<>();
        views.portals().forEach((key, portal) -> {
            if (portal.state() == PortalState.ENDING) {
                endings.add(new Ending(portal.portalId(), Optional.empty()));
            }
        });
        views.registrations().forEach((key, registration) -> {
            if (registration.state() == RegistrationState.ENDING) {
                endings.add(new Ending(registration.portalId(), Optional.of(registration.registration())));
            }
        });
        return endings;
    }

    private boolean report(Ending ending) {
        BooleanSupplier report = ending.registration()
                .<BooleanSupplier>map(registration -> () -> reports.registration(ending.portal(), registration))
                .orElse(() -> reports.portal(ending.portal()));
        boolean taken = report.getAsBoolean();
        if (taken) {
            LOG.infof(
                    "nothing is left at Graph, reported portal=%s registration=%s",
                    ending.portal(),
                    ending.registration().map(RegistrationName::value).orElse(""));
        }
        return taken;
    }
}
