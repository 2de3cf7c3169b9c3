package org.m365connector.view;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready when every view that somebody asked for is. A view that has gone stale goes on serving, so it stays ready. */
@Readiness
@ApplicationScoped
class ViewsReadyCheck implements HealthCheck {
    private final Views views;

    ViewsReadyCheck(Views views) {
        this.views = views;
    }

    @Override
    public HealthCheckResponse call() {
        var response = HealthCheckResponse.named("views of compacted topics").up();
        for (var view : views.started()) {
            response.withData(view.topic(), describe(view));
            if (!view.ready()) {
                response.down();
            }
        }
        return response.build();
    }

    private static String describe(TopicView<?> view) {
        if (!view.ready()) {
            return "loading";
        }
        return view.stale() ? "stale for " + view.age().toSeconds() + " s" : "ready";
    }
}
