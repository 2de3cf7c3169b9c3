package org.m365connector.assignment.explanation;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.m365connector.assignment.assignment.AssignmentService;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;

@ApplicationScoped
class ExplanationService {
    private final AssignmentService assignments;

    ExplanationService(AssignmentService assignments) {
        this.assignments = assignments;
    }

    Explanation explain(PortalId portal, RegistrationName registration, PortalUser user, Optional<AccountName> named) {
        return Explanation.of(user, named, assignments.applying(portal, registration, user));
    }
}
