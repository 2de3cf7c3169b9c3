package org.m365connector.backends;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Kafka and PostgreSQL for a {@code @QuarkusTest}: one pair for all tests of the JVM, ended with it.
 *
 * <pre>{@code
 * @QuarkusTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "auth"))
 * }</pre>
 *
 * With {@code schema} the service gets a role and a schema of its own; without it there is only Kafka. The {@code m365.*}
 * topics are there.
 */
public final class BackendsTestResource implements QuarkusTestResourceLifecycleManager {

    /**
     * Class loaders come and go between the tests of a JVM, and static fields with them; system properties stay, and so do
     * other processes.
     */
    private static final String KAFKA = "org.m365connector.backends.kafka";

    private static final String POSTGRES = "org.m365connector.backends.postgres";

    private static final List<String> COMPACTED =
            List.of("m365.portals", "m365.registrations", "m365.accounts", "m365.assignments");
    private static final List<String> DELETED = List.of("m365.notifications", "m365.throttling", "m365.audit");

    private String schema;

    @Override
    public void init(Map<String, String> args) {
        schema = args.get("schema");
    }

    @Override
    public Map<String, String> start() {
        var config = new HashMap<String, String>();
        config.put("kafka.bootstrap.servers", kafka());
        if (schema != null) {
            Database database = PostgresServer.schema(postgres(), schema);
            config.put("quarkus.datasource.jdbc.url", database.jdbcUrl());
            config.put("quarkus.datasource.username", database.username());
            config.put("quarkus.datasource.password", database.password());
        }
        return config;
    }

    @Override
    public void stop() {
        // The processes end with this JVM.
    }

    private static String kafka() {
        Properties shared = System.getProperties();
        synchronized (shared) {
            String bootstrapServers = shared.getProperty(KAFKA);
            if (bootstrapServers == null) {
                KafkaProcess broker = KafkaProcess.start();
                COMPACTED.forEach(topic -> broker.createTopic(topic, 3, Map.of("cleanup.policy", "compact")));
                DELETED.forEach(topic -> broker.createTopic(topic, 3, Map.of()));
                bootstrapServers = broker.bootstrapServers();
                shared.setProperty(KAFKA, bootstrapServers);
            }
            return bootstrapServers;
        }
    }

    private static String postgres() {
        Properties shared = System.getProperties();
        synchronized (shared) {
            String jdbcUrl = shared.getProperty(POSTGRES);
            if (jdbcUrl == null) {
                jdbcUrl = PostgresServer.start().jdbcUrl();
                shared.setProperty(POSTGRES, jdbcUrl);
            }
            return jdbcUrl;
        }
    }
}
