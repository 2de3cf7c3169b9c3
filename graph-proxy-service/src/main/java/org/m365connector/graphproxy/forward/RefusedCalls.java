package org.m365connector.graphproxy.forward;

import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.m365connector.access.Caller;
import org.m365connector.capability.Operation;
import org.m365connector.events.GraphCalled;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.graphproxy.access.GraphAddress;
import org.m365connector.graphproxy.account.ActingAccount;
import org.m365connector.graphproxy.audit.AuditTrail;
import org.m365connector.graphproxy.audit.Templates;

/** Calls that were refused before they became exchanges: counted, and recorded as far as it can be told whose they were. */
final class RefusedCalls {

    private static final String ROOT = "/graph/";

    private final Calls calls;
    private final AuditTrail audit;

    RefusedCalls(Calls calls, AuditTrail audit) {
        this.calls = calls;
        this.audit = audit;
    }

    /** @param address empty where it could not be read */
    void add(
            HttpServerRequest request,
            Optional<GraphAddress> address,
            Inquiry found,
            ProblemAnswer answer,
            Duration duration) {
        String kind = found.account().map(ActingAccount::kindName).orElse("none");
        calls.ended(Calls.Outcome.REFUSED, answer.slug(), kind, duration);
        if (address.isPresent() && address.get().target().isEmpty()) {
            // Not a call to Graph.
            return;
        }
        String[] segments = request.uri().startsWith(ROOT)
                ? request.uri().substring(ROOT.length()).split("[/?]", 3)
                : new String[0];
        PortalId portal;
        RegistrationName registration;
        try {
            portal = new PortalId(segments.length > 0 ? segments[0] : "");
            registration = new RegistrationName(segments.length > 1 ? segments[1] : "");
        } catch (IllegalArgumentException e) {
            // It says of no portal that it is its.
            return;
        }
        GraphCalled record = new GraphCalled(
                portal,
                registration,
                found.portalUser(),
                found.account().map(ActingAccount::id),
                found.account().flatMap(ActingAccount::assignments),
                found.account().flatMap(ActingAccount::rule),
                template(request.method().name(), address),
                List.of(),
                Calls.Outcome.REFUSED.label(),
                answer.slug(),
                answer.status(),
                request.bytesRead(),
                0,
                duration.toMillis(),
                Optional.empty(),
                Ending.bounded(request.getHeader(Headers.CLIENT_REQUEST_ID)));
        if (isKnown(found.caller(), portal)) {
            audit.add(record);
        } else {
            audit.addOfStranger(record);
        }
    }

    private static String template(String method, Optional<GraphAddress> address) {
        return address.map(GraphAddress::targetPath)
                .map(path -> Operation.of(method, path))
                .map(operation -> Templates.of(operation.method(), operation.segments()))
                .orElseGet(() -> Templates.unreadable(method));
    }

    /** Whoever has the key of another portal is a stranger to this one. */
    private static boolean isKnown(Caller caller, PortalId portal) {
        return caller instanceof Caller.Service || caller.mayActFor(portal);
    }
}
