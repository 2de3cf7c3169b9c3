package org.m365connector.graphproxy.throttle;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Not before the other replicas have made room: until then, what this one let through would be too much in sum. */
@Readiness
@ApplicationScoped
class ThrottleReadyCheck implements HealthCheck {

    private final Throttle throttle;

    ThrottleReadyCheck(Throttle throttle) {
        this.throttle = throttle;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("share of Graph's limits")
                .status(throttle.ready())
                .withData("replicas", throttle.replicas())
                .build();
    }
}
