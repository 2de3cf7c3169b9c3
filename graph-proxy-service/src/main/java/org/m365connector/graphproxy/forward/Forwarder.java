package org.m365connector.graphproxy.forward;

import io.vertx.core.http.HttpClient;
import io.vertx.core.net.ProxyOptions;
import java.time.Duration;
import java.util.Optional;
import org.m365connector.graphproxy.token.TokenCache;

/** What all exchanges share. */
record Forwarder(
        HttpClient client,
        Outbound outbound,
        TokenCache tokens,
        Calls calls,
        Duration connectTimeout,
        Duration answerTimeout) {

    Optional<ProxyOptions> proxyFor(GraphHost host) {
        return outbound.proxyFor(host);
    }
}
