package org.m365connector.auth.portal;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.m365connector.auth.AuthProblem;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** Takes a portal in: checks it, makes its topics, and only then tells the suite of it. */
@ApplicationScoped
class Onboarding {

    private final PortalService service;
    private final PortalTopics topics;

    Onboarding(PortalService service, PortalTopics topics) {
        this.service = service;
        this.topics = topics;
    }

    Onboarded onboard(NewPortal wanted) {
        checkVersion(wanted.intrexxVersion());
        checkOrigins(wanted.origins());
        wanted.entitlement().ifPresent(EntitlementText::parse);
        // Outside of the transaction, and before it: whoever hears of the portal finds its topics.
        topics.makeFor(wanted.id());
        PortalService.Made made = service.onboard(wanted);
        return new Onboarded(made.portal(), made.key(), topics.access(wanted.id()));
    }

    static void checkVersion(String text) {
        IntrexxVersion version;
        try {
            version = IntrexxVersion.of(text);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST)
                    .causedBy(e)
                    .with("field", "intrexxVersion");
        }
        if (version.isTooOld()) {
            throw new ProblemException(AuthProblem.PORTAL_TOO_OLD, version, IntrexxVersion.OLDEST);
        }
    }

    static void checkOrigins(List<String> origins) {
        for (String origin : origins) {
            if (Origin.of(origin).filter(origin::equals).isEmpty()) {
                throw new ProblemException(AuthProblem.ORIGIN_INVALID, origin);
            }
        }
    }
}
