package org.m365connector.sync.door;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when notifications can be put on Kafka. Being asked, it tries again to open what could not be opened. */
@Readiness
@ApplicationScoped
class DoorReadyCheck implements HealthCheck {
    private final HintProducer hints;

    DoorReadyCheck(HintProducer hints) {
        this.hints = hints;
    }

    @Override
    public HealthCheckResponse call() {
        hints.tryToOpen();
        return HealthCheckResponse.named("door's producer")
                .status(hints.isReady())
                .build();
    }
}
