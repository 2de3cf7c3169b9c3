package org.m365connector.assignment.explanation;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.Optional;
import org.m365connector.assignment.assignment.AssignmentService;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.view.Views;

@ApplicationScoped
class ExplanationService {
    private final AssignmentService assignments;
    private final Views views;
    private final Clock clock;

    ExplanationService(AssignmentService assignments, Views views, Clock clock) {
        this.assignments = assignments;
        this.views = views;
        this.clock = clock;
    }

    Explanation explain(PortalId portal, RegistrationName registration, PortalUser user, Optional<AccountName> named) {
        var explanation = Explanation.of(user, named, assignments.applying(portal, registration, user));
        var refused = views.portals()
                .get(portal.value())
                .filter(record -> !record.entitled().isValid(clock.instant()))
                .isPresent();
        return refused ? explanation.notEntitled() : explanation;
    }
}
