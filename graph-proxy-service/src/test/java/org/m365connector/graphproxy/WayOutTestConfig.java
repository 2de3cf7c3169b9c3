package org.m365connector.graphproxy;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.HashMap;
import java.util.Map;
import org.m365connector.backends.Ports;

/**
 * Besides {@link ProxyTestConfig}: Graph and the collector of traces have names that nobody resolves but the forward proxy, and
 * certificates of an authority that nobody knows but the trust file.
 */
public final class WayOutTestConfig implements QuarkusTestResourceLifecycleManager {

    static final String GRAPH = "graph.private.example";
    static final String TRACES = "traces.private.example";

    /** Leads to Graph too, whose certificate does not name it. */
    static final String MISNAMED = "misnamed.private.example";

    /** Has a certificate of another authority. */
    static final String STRANGER = "stranger.private.example";

    private PrivateAuthority ours;
    private PrivateAuthority another;

    @Override
    public int order() {
        // Its addresses count.
        return 1;
    }

    @Override
    public Map<String, String> start() {
        ours = new PrivateAuthority("authority of a private network");
        another = new PrivateAuthority("authority of somebody else");
        Map<String, String> config = new HashMap<>();
        int forwardProxy = Ports.free();
        config.put("test.forward-proxy.port", String.valueOf(forwardProxy));
        config.put("m365.https-proxy", "http://localhost:" + forwardProxy);
        config.put("no.proxy", "localhost");
        config.put("m365.trust-file", ours.trusted().toString());
        config.put("m365.graph.other-base-urls", "https://" + GRAPH + ",https://" + MISNAMED + ",https://" + STRANGER);
        config.put("m365.traces.endpoint", "https://" + TRACES);
        certify(config, ours, GRAPH);
        certify(config, ours, TRACES);
        certify(config, another, STRANGER);
        return config;
    }

    private static void certify(Map<String, String> config, PrivateAuthority authority, String host) {
        PrivateAuthority.Certified server = authority.server(host);
        config.put("test." + host + ".port", String.valueOf(Ports.free()));
        config.put("test." + host + ".certificate", server.certificate().toString());
        config.put("test." + host + ".key", server.key().toString());
    }

    @Override
    public void stop() {
        if (another != null) {
            ours.close();
            another.close();
        }
    }
}
