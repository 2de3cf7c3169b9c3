package org.m365connector.graphproxy.forward;

import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.time.Duration;
import java.util.Optional;
import org.m365connector.graphproxy.audit.AuditTrail;
import org.m365connector.graphproxy.token.TokenCache;
import org.m365connector.graphproxy.tracing.Tracing;
import org.m365connector.outbound.Outbound;

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
        Tracing tracing,
        Calls calls,
        OperationMeters operations,
        Duration connectTimeout,
        Duration answerTimeout) {

    Optional<ProxyOptions> proxyFor(GraphHost host) {
        return outbound.proxyFor(host.host(), host.tls()).map(proxy -> new ProxyOptions()
                .setType(ProxyType.HTTP)
                .setHost(proxy.getHost())
                .setPort(proxy.getPort()));
    }
}
