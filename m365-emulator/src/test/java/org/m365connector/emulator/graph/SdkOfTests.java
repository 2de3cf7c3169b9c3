package org.m365connector.emulator.graph;

import com.microsoft.graph.models.Subscription;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.kiota.authentication.AccessTokenProvider;
import com.microsoft.kiota.authentication.AllowedHostsValidator;
import com.microsoft.kiota.authentication.BaseBearerTokenAuthenticationProvider;
import java.net.URI;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import org.m365connector.emulator.Emulator;

/** Microsoft's own client, unmodified but for its base URL. */
final class SdkOfTests {

    private SdkOfTests() {}

    static GraphServiceClient client(Emulator emulator, String token) {
        AllowedHostsValidator hosts = new AllowedHostsValidator("localhost");
        GraphServiceClient client =
                new GraphServiceClient(new BaseBearerTokenAuthenticationProvider(new AccessTokenProvider() {
                    @Override
                    public String getAuthorizationToken(URI uri, Map<String, Object> context) {
                        return token;
                    }

                    @Override
                    public AllowedHostsValidator getAllowedHostsValidator() {
                        return hosts;
                    }
                }));
        client.getRequestAdapter().setBaseUrl(emulator.httpBase() + "/v1.0");
        return client;
    }

    /** For an hour, and for the webhook's two paths. */
    static Subscription wanted(WebhookOfTests webhook, String resource, String changeTypes) {
        Subscription wanted = new Subscription();
        wanted.setChangeType(changeTypes);
        wanted.setResource(resource);
        wanted.setNotificationUrl(webhook.url("/notifications"));
        wanted.setLifecycleNotificationUrl(webhook.url("/lifecycle"));
        wanted.setClientState("s3cret");
        wanted.setExpirationDateTime(OffsetDateTime.now(ZoneOffset.UTC).plusHours(1));
        return wanted;
    }
}
