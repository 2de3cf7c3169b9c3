package org.m365connector.sync.door;

import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.m365connector.backends.KafkaBroker;
import org.m365connector.events.Topics;

/** A broker of this test's own; tests and this class live in different class loaders, so its switches are on a port. */
public final class StoppableKafka implements QuarkusTestResourceLifecycleManager {
    private KafkaBroker broker;
    private HttpServer switches;

    @Override
    public Map<String, String> start() {
        broker = KafkaBroker.start();
        Topics.COMPACTED.forEach(topic -> broker.createTopic(topic, 1, Map.of("cleanup.policy", "compact")));
        broker.createTopic(Topics.NOTIFICATIONS, 3, Map.of());
        Map<String, String> config = new HashMap<>();
        config.put("test.kafka-switches", startSwitches());
        config.put("kafka.bootstrap.servers", broker.bootstrapServers());
        // Nothing listens there: the door must not notice.
        config.put("quarkus.datasource.jdbc.url", "jdbc:postgresql://localhost:1/nowhere");
        config.put("m365.proxy-url", "http://localhost:1");
        config.put("m365.auth-url", "http://localhost:1");
        config.put("m365.sync.roles", "door");
        config.put("m365.admin-key", "admin-key-of-the-tests");
        config.put("m365.service-keys", "service-key-of-the-tests");
        config.put("m365.client-state-key", "client-state-key-of-the-tests");
        return config;
    }

    private String startSwitches() {
        try {
            switches = HttpServer.create(new InetSocketAddress("localhost", 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        onCall("/stop", broker::stop);
        onCall("/restart", broker::restart);
        switches.start();
        return "http://localhost:" + switches.getAddress().getPort();
    }

    private void onCall(String path, Runnable action) {
        switches.createContext(path, exchange -> {
            action.run();
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
    }

    @Override
    public void stop() {
        if (switches != null) {
            switches.stop(0);
        }
        if (broker != null) {
            broker.close();
        }
    }
}
