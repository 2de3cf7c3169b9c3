package org.m365connector.auth.entra;

import jakarta.enterprise.context.ApplicationScoped;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.m365connector.outbound.Outbound;

/** Looks at what is outside, the same way out as everything else, to say what is wrong with it. For people, not for tokens. */
@ApplicationScoped
public class OutboundProbe {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Where the way ended. */
    public enum Obstacle {
        DNS,
        CONNECT,
        TLS,
        PROXY,
        TIMEOUT,
        OTHER
    }

    /** Something came back, or nothing did. */
    public sealed interface Answer {

        record Came(int status, String body) implements Answer {

            @Override
            public String toString() {
                return "Came[status=" + status + "]";
            }
        }

        record Stopped(Obstacle obstacle) implements Answer {}
    }

    private final Outbound outbound;
    private final HttpClient client;

    OutboundProbe(Outbound outbound) {
        this.outbound = outbound;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(outbound.proxySelector());
        outbound.sslContext().ifPresent(builder::sslContext);
        this.client = builder.build();
    }

    /** Ends within five seconds. */
    public Answer get(URI uri, Optional<String> token) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri).timeout(PATIENCE).header("Accept", "application/json");
        token.ifPresent(value -> request.header("Authorization", "Bearer " + value));
        CompletableFuture<HttpResponse<String>> pending =
                client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
        try {
            HttpResponse<String> response = pending.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return new Answer.Came(response.statusCode(), response.body());
        } catch (TimeoutException e) {
            pending.cancel(true);
            return new Answer.Stopped(Obstacle.TIMEOUT);
        } catch (ExecutionException e) {
            return new Answer.Stopped(obstacle(e, outbound.proxyFor(uri).isPresent()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer.Stopped(Obstacle.OTHER);
        }
    }

    /** @param proxied whoever cannot be found or connected to is then the proxy */
    static Obstacle obstacle(Throwable failure, boolean proxied) {
        Obstacle found = Obstacle.OTHER;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            if (cause instanceof SSLException) {
                return Obstacle.TLS;
            }
            if (message.contains("Tunnel failed") || message.contains("407") || message.contains("proxy")) {
                return Obstacle.PROXY;
            }
            if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
                return proxied ? Obstacle.PROXY : Obstacle.DNS;
            }
            if (cause instanceof HttpConnectTimeoutException || cause instanceof ConnectException) {
                found = proxied ? Obstacle.PROXY : Obstacle.CONNECT;
            } else if (cause instanceof java.net.http.HttpTimeoutException) {
                found = Obstacle.TIMEOUT;
            }
        }
        return found;
    }
}
