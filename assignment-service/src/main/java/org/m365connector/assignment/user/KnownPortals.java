package org.m365connector.assignment.user;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.events.PortalId;
import org.m365connector.problem.ProblemException;
import org.m365connector.view.Views;

/** Whether a portal has been onboarded. A caller with the admin key may name any. */
@ApplicationScoped
class KnownPortals {
    /** A portal may have been onboarded a moment ago. */
    private static final Duration ON_ITS_WAY = Duration.ofSeconds(2);

    private final Views views;

    KnownPortals(Views views) {
        this.views = views;
    }

    void require(PortalId portal) throws InterruptedException {
        var known = views.portals();
        if (known.ready() && known.await(portal.value(), ON_ITS_WAY).isEmpty()) {
            throw new ProblemException(AssignmentProblem.PORTAL_UNKNOWN, portal);
        }
    }
}
