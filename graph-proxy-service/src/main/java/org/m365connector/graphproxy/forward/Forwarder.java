package org.m365connector.graphproxy.forward;

import io.vertx.core.http.HttpClient;
import io.vertx.core.net.ProxyOptions;
import java.time.Duration;
import java.util.Optional;
import org.m365connector.graphproxy.audit.AuditTrail;
import org.m365connector.graphproxy.token.TokenCache;

/**
 * What all exchanges share.
 *
 * @param freshConnections never uses a connection twice
 */
record Forwarder(
        HttpClient client,
        HttpClient freshConnections,
        Outbound outbound,
        TokenCache tokens,
        Throttling throttling,
        AuditTrail audit,
        Calls calls,
        OperationMeters operations,
        Duration connectTimeout,
        Duration answerTimeout) {

    Optional<ProxyOptions> proxyFor(GraphHost host) {
        return outbound.proxyFor(host);
    }
}
