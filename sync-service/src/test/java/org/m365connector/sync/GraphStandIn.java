package org.m365connector.sync;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.HashMap;
import java.util.Map;
import org.m365connector.backends.Ports;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.EmulatorOptions;

/** The emulator, and before it a small forwarder that keeps graph-proxy-service's contract; short times for everything. */
public final class GraphStandIn implements QuarkusTestResourceLifecycleManager {
    private Emulator emulator;
    private ProxyStandIn proxy;
    private Map<String, String> otherwise = Map.of();

    /** @param settings that are to be other ones than below */
    @Override
    public void init(Map<String, String> settings) {
        otherwise = settings;
    }

    @Override
    public Map<String, String> start() {
        emulator = Emulator.start(EmulatorOptions.defaults()
                .withLimit("graph.throttling.enabled", false)
                .withLimit("graph.delivery.backoffFirstSeconds", 1));
        proxy = ProxyStandIn.start(emulator.httpBase());
        Map<String, String> config = new HashMap<>(keys());
        int port = Ports.free();
        config.put("quarkus.http.test-port", Integer.toString(port));
        config.put("m365.public.notification-url", "http://localhost:" + port);
        config.put("m365.proxy-url", proxy.base());
        config.put("m365.auth-url", proxy.base());
        config.put("m365.entra.authority", emulator.httpBase());
        config.put("test.emulator-url", emulator.httpBase());
        config.put("mp.messaging.connector.smallrye-kafka.metadata.max.age.ms", "500");
        config.put("m365.sync.graph.call-timeout", "4S");
        config.put("m365.sync.action.lease", "1500MS");
        config.put("m365.sync.action.first-backoff", "200MS");
        config.put("m365.sync.action.longest-backoff", "1S");
        config.put("m365.sync.action.mail-settle", "1S");
        config.put("m365.sync.action.unknown-grace", "2S");
        config.put("m365.sync.action.poll-interval", "100MS");
        config.put("m365.sync.round.mail-interval", "3S");
        config.put("m365.sync.round.teams-interval", "3S");
        config.put("m365.sync.round.follow-up", "1S");
        config.put("m365.sync.round.calendar-back", "10D");
        config.put("m365.sync.round.calendar-ahead", "20D");
        config.put("m365.sync.round.calendar-slide", "8S");
        config.put("m365.sync.round.longest-backoff", "1S");
        config.put("m365.sync.polling.mail-interval", "1S");
        config.put("m365.sync.subscription.report-every", "1s");
        config.put("m365.sync.subscription.most-misses", "2");
        config.put("m365.sync.subscription.longest-backoff", "1S");
        config.put("m365.sync.delivery.workers", "3");
        config.put("m365.sync.delivery.call-timeout", "20S");
        config.put("m365.sync.delivery.lease", "40S");
        config.put("m365.sync.delivery.first-backoff", "100MS");
        config.put("m365.sync.delivery.longest-backoff", "400MS");
        config.put("m365.sync.delivery.most-refusals", "3");
        config.putAll(otherwise);
        return config;
    }

    static Map<String, String> keys() {
        return Map.of(
                "m365.admin-key", "admin-key-of-the-tests",
                "m365.service-keys", ProxyStandIn.SERVICE_KEY,
                "m365.client-state-key", "client-state-key-of-the-tests");
    }

    @Override
    public void stop() {
        if (proxy != null) {
            proxy.close();
        }
        if (emulator != null) {
            emulator.close();
        }
    }
}
