package org.m365connector.sync.action;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.access.AccessKeys;
import org.m365connector.events.AccountId;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.sync.graph.Neighbours;

/** Sign-in links from auth-service. Asking twice gives the same link while it can be used, so asking is harmless. */
@ApplicationScoped
class LoginLinks {
    private static final Logger LOG = Logger.getLogger(LoginLinks.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final URI logins;
    private final AccessKeys keys;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();

    LoginLinks(Neighbours neighbours, AccessKeys keys) {
        this.logins = URI.create(neighbours.authUrl().toString().replaceAll("/+$", "") + "/internal/logins");
        this.keys = keys;
    }

    /** What came of asking. */
    sealed interface Link {
        record Given(String url) implements Link {}

        /** auth-service answered that there is none, for instance because it does not know who is expected. */
        record Refused(String slug) implements Link {}

        /** auth-service is away; ask again later. */
        record Away() implements Link {}
    }

    Link ask(PortalId portal, RegistrationName registration, AccountId account, String reason) {
        byte[] body = EventCodec.bytes(
                Map.of("portal", portal, "registration", registration, "account", account, "reason", reason));
        HttpRequest request = HttpRequest.newBuilder(logins)
                .timeout(TIMEOUT)
                .header("Authorization", keys.serviceAuthorization())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        try {
            HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() / 100 == 2) {
                return Optional.ofNullable(member(response, "loginUrl"))
                        .<Link>map(Link.Given::new)
                        .orElseGet(() -> new Link.Refused(""));
            }
            LOG.warnf("no login link portal=%s account=%s status=%d", portal, account, response.statusCode());
            return response.statusCode() / 100 == 4 ? new Link.Refused(slug(response)) : new Link.Away();
        } catch (IOException e) {
            return new Link.Away();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Link.Away();
        }
    }

    private static String slug(HttpResponse<byte[]> response) {
        try {
            String type = String.valueOf(member(response, "type"));
            return type.substring(type.lastIndexOf('/') + 1);
        } catch (IOException e) {
            // HTML of somebody in between.
            return "";
        }
    }

    private static String member(HttpResponse<byte[]> response, String name) throws IOException {
        return EventCodec.json().readTree(response.body()).path(name).textValue();
    }
}
