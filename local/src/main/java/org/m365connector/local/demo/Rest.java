package org.m365connector.local.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.m365connector.local.suite.LocalException;

/** Calls an HTTP API with one key, as any program of the portal would. Repeats nothing. */
public final class Rest {
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(5))
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    private final String base;
    private final Map<String, String> headers;

    private Rest(String base, Map<String, String> headers) {
        this.base = base;
        this.headers = Map.copyOf(headers);
    }

    public static Rest at(String base) {
        return new Rest(base, Map.of("Accept-Language", "en"));
    }

    public Rest with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new Rest(base, more);
    }

    public Rest bearer(String key) {
        return with("Authorization", "Bearer " + key);
    }

    public Answer get(String path) {
        return call("GET", path, Optional.empty(), "");
    }

    public Answer delete(String path) {
        return call("DELETE", path, Optional.empty(), "");
    }

    public Answer post(String path, JsonNode body) {
        return call("POST", path, Optional.of(body.toString()), "application/json");
    }

    public Answer patch(String path, JsonNode body) {
        return call("PATCH", path, Optional.of(body.toString()), "application/json");
    }

    public Answer put(String path, JsonNode body) {
        return call("PUT", path, Optional.of(body.toString()), "application/json");
    }

    public Answer postForm(String path, Map<String, String> fields) {
        return call("POST", path, Optional.of(Forms.encode(fields)), "application/x-www-form-urlencoded");
    }

    /** @param path below the base, or a whole URL */
    private Answer call(String method, String path, Optional<String> body, String contentType) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(path.startsWith("http") ? path : base + path))
                .timeout(Duration.ofSeconds(30));
        headers.forEach(request::header);
        body.ifPresent(content -> request.header("Content-Type", contentType));
        request.method(
                method,
                body.map(content -> HttpRequest.BodyPublishers.ofString(content, StandardCharsets.UTF_8))
                        .orElseGet(HttpRequest.BodyPublishers::noBody));
        String call = method + " " + path;
        try {
            HttpResponse<String> response =
                    CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            return new Answer(call, response.statusCode(), response.headers(), response.body());
        } catch (IOException e) {
            throw new LocalException(call + " was not answered: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException(call + " was interrupted", e);
        }
    }
}
