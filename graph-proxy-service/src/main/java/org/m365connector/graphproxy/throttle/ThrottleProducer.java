package org.m365connector.graphproxy.throttle;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.vertx.http.HttpServerStart;
import io.quarkus.vertx.http.HttpsServerStart;
import io.smallrye.common.annotation.Identifier;
import io.vertx.core.Vertx;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.m365connector.events.Topics;

/** Makes the one throttle of the process. */
@ApplicationScoped
class ThrottleProducer {

    private final Throttle throttle;

    /** Whether it listens without TLS too. */
    private final boolean plain;

    ThrottleProducer(
            ThrottleConfig config,
            @Identifier("default-kafka-broker") Map<String, Object> kafkaConfig,
            Vertx vertx,
            MeterRegistry meters,
            @ConfigProperty(name = "quarkus.http.insecure-requests", defaultValue = "enabled")
                    String insecureRequests) {
        plain = !insecureRequests.equalsIgnoreCase("disabled");
        throttle = Throttle.start(config, kafkaConfig, Topics.THROTTLING, Clock.systemUTC(), Time.of(vertx));
        throttle.measure(meters);
    }

    @Produces
    @Singleton
    Throttle throttle() {
        return throttle;
    }

    void listens(@ObservesAsync HttpServerStart start) {
        throttle.listensAt(start.options());
    }

    /** Where it listens with TLS only. */
    void listens(@ObservesAsync HttpsServerStart start) {
        if (!plain) {
            throttle.listensAt(start.options());
        }
    }

    @PreDestroy
    void close() {
        throttle.close();
    }
}
