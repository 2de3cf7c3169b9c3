package org.m365connector.assignment.assignment;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.m365connector.assignment.user.Turnstile;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.problem.ProblemException;
import org.m365connector.view.Views;

/**
 * Whoever registers and assigns in the next line of his script is not told that the registration is unknown: it is given a
 * moment to arrive. The view hears of it on every replica; the consumer of the registrations may be at another one, so what
 * the view says is taken over here and now, which is the same as the consumer does and changes nothing the second time.
 */
@ApplicationScoped
class KnownRegistrations {
    private static final Duration ON_ITS_WAY = Duration.ofSeconds(3);

    private final Views views;
    private final RegistrationService registrations;

    KnownRegistrations(Views views, RegistrationService registrations) {
        this.views = views;
        this.registrations = registrations;
    }

    /** Begins to read the registrations, so that they are there when they are asked for. */
    void start(@Observes StartupEvent event) {
        views.registrations();
    }

    /**
     * Returns at once where the registration is known, and after {@link #ON_ITS_WAY} at the latest.
     *
     * @throws ProblemException {@code change-under-way} where one of the same name is still ending
     */
    void await(PortalId portal, RegistrationName name) throws InterruptedException {
        if (registrations.knows(portal, name)) {
            return;
        }
        requireNoneBeforeIt(portal, name);
        var key = RegistrationRecord.key(portal, name);
        views.registrations()
                .await(key, ON_ITS_WAY)
                .filter(record -> RegistrationEvents.isWhole(record, key))
                .ifPresent(registrations::told);
        requireNoneBeforeIt(portal, name);
    }

    private void requireNoneBeforeIt(PortalId portal, RegistrationName name) {
        if (registrations.isToBegin(portal, name)) {
            throw Turnstile.underWay();
        }
    }
}
