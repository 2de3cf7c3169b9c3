package org.m365connector.graphproxy;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;
import org.m365connector.backends.Ports;

/** Besides {@link ProxyTestConfig}: the proxy can be reached by TLS too, and that is how it names itself. */
public final class TlsTestConfig implements QuarkusTestResourceLifecycleManager {

    private PrivateAuthority authority;

    @Override
    public int order() {
        // Its address counts.
        return 1;
    }

    @Override
    public Map<String, String> start() {
        authority = new PrivateAuthority("authority of graph-proxy-service's tests");
        PrivateAuthority.Certified proxy = authority.server("localhost");
        int port = Ports.free();
        return Map.of(
                "quarkus.tls.key-store.pem.0.cert", proxy.certificate().toString(),
                "quarkus.tls.key-store.pem.0.key", proxy.key().toString(),
                "quarkus.http.test-ssl-port", String.valueOf(port),
                "m365.proxy-url", "https://localhost:" + port,
                "test.trusted", authority.trusted().toString());
    }

    @Override
    public void stop() {
        if (authority != null) {
            authority.close();
        }
    }
}
