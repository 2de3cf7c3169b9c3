package org.m365connector.sync.delivery;

import jakarta.enterprise.context.ApplicationScoped;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.m365connector.outbound.Outbound;
import org.m365connector.sync.delivery.DeliveryLedger.Claimed;

/**
 * The call to a portal's endpoint. The body is the record's value, byte for byte; the event's attributes are headers. Redirects are
 * not followed, and what the portal answers is not looked at but for the status: a call can neither be led elsewhere nor tell
 * anybody what is there.
 */
@ApplicationScoped
class PortalEndpoint {
    private final HttpClient client;
    private final Duration timeout;
    private final Clock clock;

    PortalEndpoint(DeliveryConfig config, Outbound outbound, Clock clock) {
        this.timeout = config.callTimeout();
        this.clock = clock;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(outbound.proxySelector())
                .connectTimeout(timeout);
        outbound.sslContext().ifPresent(builder::sslContext);
        client = builder.build();
    }

    /** Never fails; what goes wrong is an answer. */
    CompletableFuture<Answer> offer(Claimed to, StagedEvent event) {
        HttpRequest request;
        try {
            request = request(to, event);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.completedFuture(new Answer.Away("the request cannot be made", Optional.empty()));
        }
        CompletableFuture<HttpResponse<Void>> call = client.sendAsync(request, BodyHandlers.discarding());
        // The client's own timeout ends with the headers; a body could drip for ever.
        return call.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS).handle((response, failure) -> {
            if (failure != null) {
                call.cancel(true);
                return new Answer.Away(words(failure), Optional.empty());
            }
            return Answer.of(response.statusCode(), response.headers().firstValue("Retry-After"), clock.instant());
        });
    }

    private HttpRequest request(Claimed to, StagedEvent event) {
        HttpRequest.Builder request = HttpRequest.newBuilder(to.url())
                .timeout(timeout)
                .header("X-API-KEY", to.apiKey())
                .header("X-M365-Portal", to.portal().value())
                .header("X-M365-Topic", event.kind())
                .POST(BodyPublishers.ofByteArray(event.body()));
        event.key().ifPresent(key -> request.header("X-M365-Key", RecordHeaders.encoded(key)));
        RecordHeaders.http(event.headers()).forEach(request::header);
        return request.build();
    }

    /** The kind of the failure only: its message may hold what is nobody's business. */
    private static String words(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && cause instanceof CompletionException) {
            cause = cause.getCause();
        }
        return cause instanceof TimeoutException || cause instanceof HttpTimeoutException
                ? "no answer in time"
                : "not reached: " + cause.getClass().getSimpleName();
    }
}
