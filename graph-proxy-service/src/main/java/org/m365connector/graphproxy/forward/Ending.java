package org.m365connector.graphproxy.forward;

import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.capability.Operation;
import org.m365connector.events.GraphCalled;
import org.m365connector.graphproxy.access.GraphAddress;
import org.m365connector.graphproxy.account.ActingAccount;
import org.m365connector.graphproxy.audit.Templates;

/** What is told of a call when it is over: to metrics, audit and log. */
final class Ending {

    private static final Logger LOG = Logger.getLogger(Ending.class);

    private static final int LONGEST_ID = 128;

    private final Forwarder forwarder;
    private final HttpServerRequest in;
    private final GraphAddress address;
    private final Operation operation;
    private final long startedAt = System.nanoTime();

    Ending(Forwarder forwarder, HttpServerRequest in, GraphAddress address, Operation operation) {
        this.forwarder = forwarder;
        this.in = in;
        this.address = address;
        this.operation = operation;
    }

    /**
     * @param detail class of Graph's status, or the slug of our problem
     * @param gate who acted, as last found
     */
    void ended(Calls.Outcome outcome, String detail, Gate gate, Trace trace, long bytesIn) {
        Duration duration = Duration.ofNanos(System.nanoTime() - startedAt);
        ActingAccount account = gate.account();
        String kind = account.kindName();
        String template = Templates.of(operation.method(), operation.segments());
        forwarder.calls().ended(outcome, detail, kind, duration);
        forwarder.operations().ended(account.registrationKey(), kind, template, outcome, duration);
        forwarder
                .audit()
                .add(new GraphCalled(
                        address.portal(),
                        address.registration(),
                        gate.admitted().portalUser(),
                        Optional.of(account.id()),
                        account.assignments(),
                        account.rule(),
                        template,
                        gate.batch().map(Batch::templates).orElse(List.of()),
                        outcome.label(),
                        detail,
                        trace.status(),
                        bytesIn,
                        in.response().bytesWritten(),
                        duration.toMillis(),
                        bounded(trace.requestId()),
                        bounded(trace.clientRequestId())));
        if (LOG.isDebugEnabled()) {
            LOG.debugf(
                    "graph call outcome=%s detail=%s method=%s path=%s portal=%s registration=%s account=%s ms=%d",
                    outcome,
                    detail,
                    in.method(),
                    address.targetPath(),
                    account.portal(),
                    account.registration(),
                    account.id(),
                    duration.toMillis());
        }
    }

    /** Anybody may send any; many of them wait in memory. */
    static Optional<String> bounded(String id) {
        return Optional.ofNullable(id).map(text -> text.length() <= LONGEST_ID ? text : text.substring(0, LONGEST_ID));
    }
}
