package org.m365connector.auth.registration;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import org.jboss.logging.Logger;
import org.m365connector.auth.QuietJobs;
import org.m365connector.auth.portal.EndingSettings;

/** Removes registrations whose subscriptions nobody has reported as gone. Every replica does it; none is in another's way. */
@ApplicationScoped
class RegistrationEndings {

    private static final Logger LOG = Logger.getLogger(RegistrationEndings.class);

    private final Registrations registrations;
    private final RegistrationService service;
    private final EndingSettings settings;
    private final QuietJobs jobs;
    private final Clock clock;

    RegistrationEndings(
            Registrations registrations,
            RegistrationService service,
            EndingSettings settings,
            QuietJobs jobs,
            Clock clock) {
        this.registrations = registrations;
        this.service = service;
        this.settings = settings;
        this.jobs = jobs;
        this.clock = clock;
    }

    @Scheduled(every = "10s", delayed = "10s", concurrentExecution = ConcurrentExecution.SKIP)
    void finishOverdue() {
        jobs.run(() -> {
            List<Registration> overdue = QuarkusTransaction.requiringNew()
                    .call(() -> registrations.ending(clock.instant().minus(settings.within())));
            for (Registration registration : overdue) {
                LOG.warnf(
                        "Registration is removed, its subscriptions were not reported as gone portal=%s registration=%s",
                        registration.portal(), registration.name());
                service.finish(registration.portal(), registration.name());
            }
        });
    }
}
