package org.m365connector.outbox;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Map;
import javax.sql.DataSource;

/** The relay lives as long as the application. */
@ApplicationScoped
class RelayLifecycle {

    private static final Duration KAFKA_PATIENCE = Duration.ofSeconds(10);

    private final boolean relays;
    private final OutboxRelay relay;

    RelayLifecycle(
            OutboxConfig config,
            DataSource database,
            @Identifier("default-kafka-broker") Map<String, Object> kafka,
            MeterRegistry meters) {
        relays = config.relay();
        var settings = new RelaySettings(
                config.name(),
                config.lease(),
                config.poll(),
                KAFKA_PATIENCE,
                config.firstRetry(),
                config.longestRetry(),
                config.inboxRetention());
        relay = new OutboxRelay(settings, database, kafka, meters);
    }

    void start(@Observes StartupEvent event) {
        if (relays) {
            relay.start();
        }
    }

    void stop(@Observes ShutdownEvent event) {
        if (relays) {
            relay.close();
        }
    }
}
