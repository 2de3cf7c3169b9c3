package org.m365connector.emulator.graph;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;

/** Calls Graph over plain HTTP, with tokens that did not have to be fetched. */
final class GraphClientOfTests {

    static {
        // Whatever a test of Graph waits for; 10 s are not enough on a slow machine.
        Awaitility.setDefaultTimeout(Duration.ofMinutes(1));
    }

    static final Set<String> USER_SCOPES = Set.of(
            "User.Read",
            "Mail.ReadWrite",
            "Mail.Send",
            "ChannelMessage.Send",
            "ChannelMessage.Read.All",
            "Team.ReadBasic.All",
            "Channel.ReadBasic.All");

    record Answer(int status, HttpResponse<String> http, JsonNode json) {

        String errorCode() {
            return json.path("error").path("code").asText();
        }

        String errorMessage() {
            return json.path("error").path("message").asText();
        }

        Optional<String> header(String name) {
            return http.headers().firstValue(name);
        }

        String id() {
            return json.path("id").asText();
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Emulator emulator;
    private final HttpClient http = HttpClient.newHttpClient();

    GraphClientOfTests(Emulator emulator) {
        this.emulator = emulator;
    }

    String tokenOf(String upn) {
        return tokenOf(upn, USER_SCOPES);
    }

    String tokenOf(String upn, Set<String> scopes) {
        return emulator.ask(state -> state.tokenIssuer()
                .forUser(
                        "https://graph.microsoft.com",
                        state.directory().app(Seed.CLIENT_ID).orElseThrow(),
                        true,
                        state.directory().user(upn).orElseThrow(),
                        scopes,
                        false,
                        false)
                .bearer());
    }

    String appToken() {
        return appToken(Seed.APPLICATION_GRANTS);
    }

    String appToken(Set<String> roles) {
        return appToken("https://graph.microsoft.com", roles);
    }

    String appToken(String audience, Set<String> roles) {
        return emulator.ask(state -> state.tokenIssuer()
                .forApp(
                        audience,
                        state.directory().app(Seed.CLIENT_ID).orElseThrow(),
                        state.directory().tenant(Seed.TENANT_ID).orElseThrow(),
                        roles,
                        false)
                .bearer());
    }

    Answer get(String token, String path, String... headers) {
        return call("GET", token, path, "", headers);
    }

    Answer post(String token, String path, String body, String... headers) {
        return call("POST", token, path, body, headers);
    }

    Answer patch(String token, String path, String body, String... headers) {
        return call("PATCH", token, path, body, headers);
    }

    Answer delete(String token, String path, String... headers) {
        return call("DELETE", token, path, "", headers);
    }

    /** @param path below {@code /v1.0}, or a whole URL */
    Answer call(String method, String token, String path, String body, String... headers) {
        return callAsync(method, token, path, body, headers).join();
    }

    CompletableFuture<Answer> callAsync(String method, String token, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(path.startsWith("http") ? path : emulator.httpBase() + "/v1.0" + path))
                .timeout(Duration.ofSeconds(30))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString())
                .thenApply(GraphClientOfTests::answer);
    }

    /** The control door. */
    JsonNode control(String method, String path, String body) {
        Answer answer = call(method, "", emulator.httpBase() + "/_emulator" + path, body);
        if (answer.status() / 100 != 2) {
            throw new AssertionError(answer.status() + " " + answer.http().body());
        }
        return answer.json();
    }

    JsonNode activity(String body) {
        return control("POST", "/activity", body);
    }

    JsonNode truth(String resource) {
        return control("GET", "/truth?resource=" + encoded(resource), "");
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static Answer answer(HttpResponse<String> response) {
        try {
            JsonNode json = response.body().isBlank() ? JSON.missingNode() : JSON.readTree(response.body());
            return new Answer(response.statusCode(), response, json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
