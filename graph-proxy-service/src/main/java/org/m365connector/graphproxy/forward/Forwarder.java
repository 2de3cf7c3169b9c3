package org.m365connector.graphproxy.forward;

import io.vertx.core.net.ProxyOptions;
import java.time.Duration;
import java.util.Optional;
import org.m365connector.graphproxy.audit.AuditTrail;
import org.m365connector.graphproxy.token.TokenCache;

/** What all exchanges share. */
record Forwarder(
        GraphClients clients,
        Outbound outbound,
        TokenCache tokens,
        Throttling throttling,
        BatchReader batches,
        KeptBodies keptBodies,
        Pace pace,
        AuditTrail audit,
        Calls calls,
        OperationMeters operations,
        Duration connectTimeout,
        Duration answerTimeout) {

    Optional<ProxyOptions> proxyFor(GraphHost host) {
        return outbound.proxyFor(host);
    }
}
