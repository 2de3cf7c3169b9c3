package org.m365connector.graphproxy.forward;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.problem.ProblemException;

/** The hosts that a token may be sent to. A registration chooses among them; it cannot name another. */
final class GraphHosts {

    private final Set<GraphHost> allowed;
    private final Map<String, GraphHost> ofBaseUrl = new ConcurrentHashMap<>();

    GraphHosts(Collection<String> baseUrls) {
        allowed = baseUrls.stream().map(GraphHost::of).collect(Collectors.toUnmodifiableSet());
    }

    /** @throws ProblemException {@code graph-host-not-allowed} */
    GraphHost host(String baseUrl) {
        GraphHost known = ofBaseUrl.get(baseUrl);
        if (known != null) {
            return known;
        }
        GraphHost host;
        try {
            host = GraphHost.of(baseUrl);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(ProxyProblem.GRAPH_HOST_NOT_ALLOWED).causedBy(e);
        }
        if (!allowed.contains(host)) {
            throw new ProblemException(ProxyProblem.GRAPH_HOST_NOT_ALLOWED);
        }
        ofBaseUrl.put(baseUrl, host);
        return host;
    }
}
