package org.m365connector.assignment;

import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Files of assignments may be large, because they are never whole in memory; {@code quarkus.http.limits.max-body-size} is
 * for them. Every other body is read whole and kept small here.
 */
@ApplicationScoped
class BodyLimit {
    private static final long ORDINARY = 10 * 1024 * 1024;

    /** Behind Quarkus' own limit, whose word on bodies of unknown length is replaced. */
    private static final int BEHIND_THE_LIMIT = -1;

    /** Under this name Quarkus keeps how much of such a body it will read. */
    private static final String LIMIT = "io.quarkus.max-request-size";

    void install(@Observes Router router) {
        router.route().order(BEHIND_THE_LIMIT).handler(BodyLimit::limit);
    }

    private static void limit(RoutingContext routing) {
        if (routing.request().path().endsWith("/assignments/import")) {
            routing.next();
            return;
        }
        var length = routing.request().getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length == null) {
            routing.put(LIMIT, ORDINARY);
            routing.next();
        } else if (Long.parseLong(length) > ORDINARY) {
            routing.response()
                    .setStatusCode(413)
                    .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                    .end();
        } else {
            routing.next();
        }
    }
}
