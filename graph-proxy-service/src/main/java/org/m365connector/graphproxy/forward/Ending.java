package org.m365connector.graphproxy.forward;

import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
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
     * @param graphRequestId or null
     * @param clientRequestId or null
     */
    void ended(
            Calls.Outcome outcome,
            String detail,
            Admission admitted,
            Optional<Batch> batch,
            int status,
            long bytesIn,
            String graphRequestId,
            String clientRequestId) {
        Duration duration = Duration.ofNanos(System.nanoTime() - startedAt);
        ActingAccount account = admitted.account();
        String kind = account.id().loginMode().name().toLowerCase(Locale.ROOT);
        String template = Templates.of(operation.method(), operation.segments());
        forwarder.calls().ended(outcome, detail, kind, duration);
        forwarder
                .operations()
                .ended(address.portal() + "/" + address.registration(), kind, template, outcome, duration);
        forwarder
                .audit()
                .add(new GraphCalled(
                        address.portal(),
                        address.registration(),
                        admitted.portalUser(),
                        Optional.of(account.id()),
                        template,
                        batch.map(Batch::templates).orElse(List.of()),
                        outcome.name().toLowerCase(Locale.ROOT),
                        detail,
                        status,
                        bytesIn,
                        in.response().bytesWritten(),
                        duration.toMillis(),
                        Optional.ofNullable(graphRequestId),
                        Optional.ofNullable(clientRequestId)));
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
}
