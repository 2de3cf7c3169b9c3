package org.m365connector.graphproxy.access;

import java.time.Clock;
import java.util.Optional;
import java.util.function.Function;
import org.m365connector.access.Caller;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** Whether this caller may go through this registration at all. */
public final class AccessCheck {

    private final Function<String, Optional<PortalRecord>> portals;
    private final Function<String, Optional<RegistrationRecord>> registrations;
    private final Clock clock;

    /**
     * @param portals by the key of {@code m365.portals}
     * @param registrations by the key of {@code m365.registrations}
     */
    public AccessCheck(
            Function<String, Optional<PortalRecord>> portals,
            Function<String, Optional<RegistrationRecord>> registrations,
            Clock clock) {
        this.portals = portals;
        this.registrations = registrations;
        this.clock = clock;
    }

    /**
     * The registration to be used.
     *
     * @throws ProblemException {@code unauthorized}, {@code forbidden}, {@code not-entitled}, {@code registration-unknown},
     *     {@code registration-incomplete}, {@code registration-ending}
     */
    public RegistrationRecord admit(Caller caller, PortalId portal, RegistrationName registration) {
        admit(caller, portal, caller instanceof Caller.Service);
        requireEntitled(portal);
        RegistrationRecord found = registrations
                .apply(RegistrationRecord.key(portal, registration))
                .orElseThrow(() -> new ProblemException(ProxyProblem.REGISTRATION_UNKNOWN, registration));
        return switch (found.state()) {
            case COMPLETE -> found;
            case DRAFT -> throw new ProblemException(ProxyProblem.REGISTRATION_INCOMPLETE, registration);
            case ENDING -> {
                // Somebody has to take the subscriptions down, and that is a service.
                if (caller instanceof Caller.Service) {
                    yield found;
                }
                throw new ProblemException(ProxyProblem.REGISTRATION_ENDING, registration);
            }
        };
    }

    /** By our own clock at every call, whatever token we hold: that an entitlement ends is no event. */
    private void requireEntitled(PortalId portal) {
        boolean refused = portals.apply(portal.value())
                .flatMap(PortalRecord::entitlement)
                .filter(entitlement -> !entitlement.isValid(clock.instant()))
                .isPresent();
        if (refused) {
            throw new ProblemException(ProxyProblem.NOT_ENTITLED);
        }
    }

    /** Whether the caller may read what the proxy says of itself. */
    public void admitReader(Caller caller, PortalId portal) {
        admit(caller, portal, caller instanceof Caller.Service || caller instanceof Caller.Admin);
    }

    /** An administrator administers; he does not act in a portal's name. */
    private static void admit(Caller caller, PortalId portal, boolean forEveryPortal) {
        if (caller instanceof Caller.Nobody) {
            throw new ProblemException(RequestProblem.UNAUTHORIZED).withHeader("WWW-Authenticate", "Bearer");
        }
        boolean own = caller instanceof Caller.Portal its && its.portal().equals(portal);
        if (!own && !forEveryPortal) {
            throw new ProblemException(RequestProblem.FORBIDDEN);
        }
    }
}
