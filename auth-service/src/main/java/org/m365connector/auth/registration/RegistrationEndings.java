package org.m365connector.auth.registration;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;
import org.m365connector.auth.portal.OverdueEndings;

/** Removes registrations whose subscriptions nobody has reported as gone. */
@ApplicationScoped
class RegistrationEndings {

    private static final Logger LOG = Logger.getLogger(RegistrationEndings.class);

    private final Registrations registrations;
    private final RegistrationService service;
    private final OverdueEndings overdue;

    RegistrationEndings(Registrations registrations, RegistrationService service, OverdueEndings overdue) {
        this.registrations = registrations;
        this.service = service;
        this.overdue = overdue;
    }

    @Scheduled(every = "10s", delayed = "10s", concurrentExecution = ConcurrentExecution.SKIP)
    void finishOverdue() {
        overdue.finish(registrations::ending, this::finish);
    }

    private void finish(Registration registration) {
        LOG.warnf(
                "Registration is removed, its subscriptions were not reported as gone portal=%s registration=%s",
                registration.portal(), registration.name());
        service.finish(registration.portal(), registration.name());
    }
}
