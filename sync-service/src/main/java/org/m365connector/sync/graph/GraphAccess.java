package org.m365connector.sync.graph;

import com.microsoft.graph.core.CoreConstants;
import com.microsoft.graph.core.requests.BaseGraphRequestAdapter;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.kiota.authentication.AuthenticationProvider;
import com.microsoft.kiota.http.middleware.ParametersNameDecodingHandler;
import com.microsoft.kiota.http.middleware.UrlReplaceHandler;
import com.microsoft.kiota.http.middleware.options.UrlReplaceHandlerOption;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import org.m365connector.access.AccessKeys;

/**
 * Clients of Graph that act as somebody.
 *
 * <ol>
 *   <li>They know graph-proxy-service only, and show it our service key.
 *   <li>Nothing in them repeats a request or follows a redirect: neither the SDK's handlers (left out) nor OkHttp. No
 *       connection is used twice, since one that the other side has just closed would make a request doubtful for nothing.
 *   <li>They throw {@link GraphException}.
 * </ol>
 */
@ApplicationScoped
public class GraphAccess {
    /** Ids that stay when a mail moves to another folder; used everywhere, since the two kinds do not mix. */
    public static final String IMMUTABLE_IDS = "IdType=\"ImmutableId\"";

    private final Neighbours neighbours;
    private final AccessKeys keys;
    private final OkHttpClient http;
    private final Duration longestCall;

    GraphAccess(Neighbours neighbours, AccessKeys keys, GraphConfig config, Clock clock) {
        this.neighbours = neighbours;
        this.keys = keys;
        longestCall = config.callTimeout().plus(config.connectTimeout());
        http = new OkHttpClient.Builder()
                .protocols(List.of(Protocol.HTTP_1_1))
                .connectTimeout(config.connectTimeout())
                .readTimeout(config.callTimeout())
                .writeTimeout(config.callTimeout())
                .callTimeout(longestCall)
                .connectionPool(new ConnectionPool(0, 1, TimeUnit.MILLISECONDS))
                .retryOnConnectionFailure(false)
                .followRedirects(false)
                .followSslRedirects(false)
                .addInterceptor(new FailureInterceptor(clock))
                .addInterceptor(new UrlReplaceHandler(
                        new UrlReplaceHandlerOption(CoreConstants.ReplacementConstants.getDefaultReplacementPairs())))
                .addInterceptor(new ParametersNameDecodingHandler())
                .addNetworkInterceptor(FailureInterceptor::markOnItsWay)
                .build();
    }

    /** Cheap: all clients share connections and threads. */
    public GraphServiceClient as(Acting acting) {
        return as(acting, Optional.empty());
    }

    /**
     * The same for calls that follow from something.
     *
     * @param trace in which that stands
     */
    public GraphServiceClient as(Acting acting, Optional<TraceParent> trace) {
        AuthenticationProvider whoCalls = (request, context) -> {
            request.headers.tryAdd("Authorization", keys.serviceAuthorization());
            trace.ifPresent(parent -> request.headers.tryAdd("traceparent", parent.value()));
            acting.account().ifPresent(account -> request.headers.tryAdd("X-M365-Account", account.value()));
            acting.person()
                    .ifPresent(person ->
                            request.headers.tryAdd("X-M365-Person", URLEncoder.encode(person, StandardCharsets.UTF_8)));
        };
        var adapter = new BaseGraphRequestAdapter(whoCalls, "v1.0", http);
        adapter.setBaseUrl(acting.baseUrl(neighbours.proxyUrl()).toString());
        return new GraphServiceClient(adapter);
    }

    /** After this time a call has ended, with an answer or without. */
    public Duration longestCall() {
        return longestCall;
    }

    /** When, by Graph's own clock, it last answered this thread; with the second as its grain. */
    public static Optional<Instant> timeOfLastAnswer() {
        return FailureInterceptor.lastDate();
    }

    /**
     * A link of Graph (nextLink, deltaLink) without the part that says where and as whom it is called, so that it can be
     * stored and survives a change of address.
     */
    public static String relative(String link) {
        int version = link.indexOf("/v1.0/");
        if (version < 0) {
            throw new IllegalArgumentException("not a link of Graph v1.0");
        }
        return link.substring(version + "/v1.0".length());
    }

    /** The opposite of {@link #relative}: always below the own proxy, whatever the link said. */
    public static String absolute(GraphServiceClient client, String relativeLink) {
        return client.getRequestAdapter().getBaseUrl() + relativeLink;
    }
}
