package org.m365connector.auth.portal;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.util.Optional;
import org.m365connector.auth.AuthProblem;
import org.m365connector.events.Entitlement;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRecord;
import org.m365connector.problem.ProblemException;
import org.m365connector.view.Views;

/** What portals may, for whoever is asked often: from memory, as {@code m365.portals} tells every replica, against its own clock. */
@ApplicationScoped
public class Entitlements {

    private final Views views;
    private final PortalService portals;
    private final Clock clock;

    Entitlements(Views views, PortalService portals, Clock clock) {
        this.views = views;
        this.portals = portals;
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        views.portals();
    }

    /**
     * A portal that nobody knows passes: that it is unknown is for others to say.
     *
     * @throws ProblemException {@code not-entitled}
     */
    public void require(PortalId portal) {
        Optional<PortalRecord> told = views.portals().get(portal.value());
        // One that was onboarded a moment ago may not have been told of yet.
        Entitlement entitlement = told.isPresent() ? told.get().entitled() : portals.entitlement(portal);
        if (!entitlement.isValid(clock.instant())) {
            throw new ProblemException(AuthProblem.NOT_ENTITLED);
        }
    }
}
