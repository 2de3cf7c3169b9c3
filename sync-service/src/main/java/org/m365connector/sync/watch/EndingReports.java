package org.m365connector.sync.watch;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.m365connector.access.AccessKeys;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.sync.graph.Neighbours;

/** Tells auth-service that nothing of a portal or a registration is left at Graph. Telling it twice is harmless. */
@ApplicationScoped
class EndingReports {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final String endings;
    private final AccessKeys keys;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();

    EndingReports(Neighbours neighbours, AccessKeys keys) {
        this.endings = neighbours.authUrl().toString().replaceAll("/+$", "") + "/internal/endings/";
        this.keys = keys;
    }

    /** @return false where auth-service has not taken it; then it must be told again */
    boolean portal(PortalId portal) {
        return post("portals", Map.of("portal", portal));
    }

    /** @return false where auth-service has not taken it; then it must be told again */
    boolean registration(PortalId portal, RegistrationName registration) {
        return post("registrations", Map.of("portal", portal, "registration", registration));
    }

    private boolean post(String what, Map<String, Object> body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(endings + what))
                .timeout(TIMEOUT)
                .header("Authorization", keys.serviceAuthorization())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(EventCodec.bytes(body)))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() / 100 == 2;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
