package org.m365connector.auth.entra;

import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.m365connector.outbound.Outbound;

/**
 * Requests to Entra ID. Sent once: no retry, no redirect, and an end after the given time, the answer's body included.
 */
@ApplicationScoped
class EntraHttp {

    private static final Logger LOG = Logger.getLogger(EntraHttp.class);

    private final EntraSettings settings;
    private final Clock clock;
    private final HttpClient client;

    EntraHttp(EntraSettings settings, Outbound outbound, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(settings.connectTimeout())
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(outbound.proxySelector());
        outbound.sslContext().ifPresent(builder::sslContext);
        this.client = builder.build();
    }

    /** What came back; the body may hold tokens, so {@code toString} does not show it. */
    record Answer(int status, Optional<Duration> retryAfter, String body) {

        EntraError error() {
            return EntraError.of(status, retryAfter, body);
        }

        @Override
        public String toString() {
            return "Answer[status=" + status + "]";
        }
    }

    /** The body of a 200; empty for everything else. */
    Optional<String> get(URI uri) {
        return send(HttpRequest.newBuilder(uri).GET(), settings.timeout())
                .filter(answer -> answer.status() == 200)
                .map(Answer::body);
    }

    /** Whatever came back; empty where nothing did in time. Every question for tokens says what this client can. */
    Optional<Answer> postForm(URI uri, Map<String, String> form, Duration timeout) {
        Map<String, String> all = new LinkedHashMap<>(form);
        ClientClaims.of(settings.cp1() && uri.getPath().endsWith("/token"), Optional.ofNullable(form.get("claims")))
                .ifPresent(claims -> all.put("claims", claims));
        String body = all.entrySet().stream()
                .map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
                .collect(Collectors.joining("&"));
        return send(
                HttpRequest.newBuilder(uri)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .header("Accept", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body)),
                timeout);
    }

    private Optional<Answer> send(HttpRequest.Builder request, Duration timeout) {
        HttpRequest ready = request.timeout(timeout).build();
        CompletableFuture<HttpResponse<String>> pending = client.sendAsync(ready, BodyHandlers.ofString());
        try {
            HttpResponse<String> response = pending.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return Optional.of(new Answer(
                    response.statusCode(),
                    response.headers().firstValue("Retry-After").flatMap(this::retryAfter),
                    response.body()));
        } catch (TimeoutException e) {
            pending.cancel(true);
            LOG.warnf("Entra does not answer in time uri=%s", ready.uri());
        } catch (ExecutionException e) {
            LOG.warnf(
                    "Entra cannot be reached uri=%s reason=%s",
                    ready.uri(), e.getCause().toString());
        } catch (InterruptedException e) {
            pending.cancel(true);
            Thread.currentThread().interrupt();
        }
        return Optional.empty();
    }

    /** Seconds or a date (RFC 9110, 10.2.3); empty where it is neither. */
    private Optional<Duration> retryAfter(String header) {
        String value = header.strip();
        if (value.matches("\\d{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
        }
        try {
            ZonedDateTime until = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME);
            Duration left = Duration.between(clock.instant(), until.toInstant());
            return Optional.of(left.isNegative() ? Duration.ZERO : left);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
