package org.m365connector.graphproxy;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.HashMap;
import java.util.Map;
import org.m365connector.backends.KafkaProcess;
import org.m365connector.backends.Ports;
import org.m365connector.events.Topics;

/** Kafka, and the addresses at which {@link World} puts the neighbours of the proxy. */
public final class ProxyTestConfig implements QuarkusTestResourceLifecycleManager {

    static final String ADMIN_KEY = "admin-key-for-tests-only";
    static final String SERVICE_KEY = "service-key-for-tests-only";

    private KafkaProcess kafka;

    @Override
    public Map<String, String> start() {
        startKafka();
        Map<String, String> config = new HashMap<>();
        config.put("kafka.bootstrap.servers", kafka.bootstrapServers());
        int proxy = Ports.free();
        int emulator = Ports.free();
        int upstream = Ports.free();
        int auth = Ports.free();
        int nobody = Ports.free();
        int collector = Ports.free();
        config.put("quarkus.http.test-port", String.valueOf(proxy));
        config.put("m365.proxy-url", "http://localhost:" + proxy);
        config.put("m365.auth-url", "http://localhost:" + auth);
        config.put("m365.admin-key", ADMIN_KEY);
        config.put("m365.service-keys", SERVICE_KEY + ",another-service-key-for-tests");
        config.put("m365.graph.base-url", "http://localhost:" + emulator);
        config.put("m365.graph.other-base-urls", "http://localhost:" + upstream + ",http://localhost:" + nobody);
        config.put("m365.graph.answer-timeout", "3S");
        config.put("m365.graph.stall-timeout", "10S");
        config.put("m365.graph.kept-bodies", "6M");
        config.put("m365.token.timeout", "10S");
        config.put("m365.traces.endpoint", "http://localhost:" + collector);
        config.put("test.collector.port", String.valueOf(collector));
        config.put("test.emulator.port", String.valueOf(emulator));
        config.put("test.upstream.port", String.valueOf(upstream));
        config.put("test.auth.port", String.valueOf(auth));
        config.put("test.nobody.port", String.valueOf(nobody));
        config.put("quarkus.log.file.enabled", "true");
        config.put("quarkus.log.file.path", "target/proxy-it.log");
        config.put("quarkus.log.category.\"org.m365connector.graphproxy\".level", "DEBUG");
        return config;
    }

    /** Kafka's clients look for their classes in the thread's class loader, and this thread may have any. */
    private void startKafka() {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(KafkaProcess.class.getClassLoader());
        try {
            kafka = KafkaProcess.start();
            Topics.COMPACTED.forEach(topic -> kafka.createTopic(topic, 3, Map.of("cleanup.policy", "compact")));
            kafka.createTopic(Topics.THROTTLING, 1, Map.of("message.timestamp.type", "LogAppendTime"));
            kafka.createTopic(Topics.AUDIT, 3, Map.of());
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @Override
    public void stop() {
        if (kafka != null) {
            kafka.close();
        }
    }
}
