package org.m365connector.sync.entitlement;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import org.m365connector.events.Entitlement;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.PortalState;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.RegistrationState;
import org.m365connector.problem.ProblemException;
import org.m365connector.sync.SyncProblem;
import org.m365connector.view.Views;

/**
 * Which features portals may use now, as {@code m365.portals} and our clock say. A portal that we have not heard of is not held
 * up, so nobody may ask before the view is {@link #known}: until then we have heard of none.
 */
@ApplicationScoped
public class Entitlements {
    /** What waits for an entitlement looks again so often: its beginning is no event. */
    public static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

    /** For people, where a problem is a word. */
    public static final String REFUSED = "not-entitled";

    private final Views views;
    private final Clock clock;

    public Entitlements(Views views, Clock clock) {
        this.views = views;
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        views.portals();
    }

    /** The gate of all workers that ask here. */
    public boolean known() {
        return views.portals().ready();
    }

    public boolean allow(PortalId portal, String feature) {
        return views.portals()
                .get(portal.value())
                .map(PortalRecord::entitled)
                .orElse(Entitlement.UNLIMITED)
                .allows(feature, clock.instant());
    }

    /**
     * What begins while its registration ends would outlive the tokens that it needs. The proxy lets services in until then, so that
     * they can end what they have.
     *
     * @throws ProblemException {@code registration-ending}
     */
    public void requireToStay(PortalId portal, RegistrationName registration) {
        boolean portalEnds = views.portals()
                .get(portal.value())
                .filter(record -> record.state() == PortalState.ENDING)
                .isPresent();
        boolean registrationEnds = views.registrations()
                .get(RegistrationRecord.key(portal, registration))
                .filter(record -> record.state() == RegistrationState.ENDING)
                .isPresent();
        if (portalEnds || registrationEnds) {
            throw new ProblemException(SyncProblem.REGISTRATION_ENDING, registration);
        }
    }

    /** @throws ProblemException {@code not-entitled} */
    public void require(PortalId portal, String feature) {
        if (!allow(portal, feature)) {
            throw new ProblemException(SyncProblem.NOT_ENTITLED, feature).with("feature", feature);
        }
    }
}
