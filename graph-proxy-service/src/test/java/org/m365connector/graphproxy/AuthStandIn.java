package org.m365connector.graphproxy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** What auth-service offers to the proxy, {@code POST /internal/tokens}, with answers that a test chooses. */
final class AuthStandIn {

    /** @param after how long the answer takes */
    record Answer(int status, JsonObject body, Duration after) {
        Answer(int status, JsonObject body) {
            this(status, body, Duration.ZERO);
        }

        Answer after(Duration time) {
            return new Answer(status, body, time);
        }
    }

    private final Vertx vertx;
    private final Map<String, Function<JsonObject, Answer>> answers = new ConcurrentHashMap<>();
    private final Map<String, List<JsonObject>> questions = new ConcurrentHashMap<>();

    private final int port;
    private HttpServer server;

    AuthStandIn(Vertx vertx, int port) {
        this.vertx = vertx;
        this.port = port;
        comeBack();
    }

    /** Nobody listens there any more, and who was connected is not. */
    void goAway() {
        server.close().toCompletionStage().toCompletableFuture().join();
    }

    void comeBack() {
        server = vertx.createHttpServer()
                .requestHandler(this::handle)
                .listen(port, "localhost")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    static Answer token(String value, long generation) {
        return token(value, generation, 3600);
    }

    static Answer token(String value, long generation, int seconds) {
        return new Answer(
                200,
                new JsonObject()
                        .put("accessToken", value)
                        .put("expiresAt", Instant.now().plusSeconds(seconds).toString())
                        .put("generation", generation));
    }

    static Answer problem(int status, String slug) {
        return new Answer(
                status,
                new JsonObject()
                        .put("type", "/problems/" + slug)
                        .put("title", "from auth")
                        .put("status", status)
                        .put("detail", "said by auth-service")
                        .put("loginUrl", "http://localhost/login/ticket"));
    }

    /** @param accountKey as on {@code m365.accounts} */
    void answers(String accountKey, Function<JsonObject, Answer> answer) {
        answers.put(accountKey, answer);
    }

    /** What has been asked about that account so far. */
    List<JsonObject> questions(String accountKey) {
        return questions.getOrDefault(accountKey, List.of());
    }

    private void handle(HttpServerRequest request) {
        if (!("Bearer " + ProxyTestConfig.SERVICE_KEY).equals(request.getHeader("Authorization"))
                || !request.path().equals("/internal/tokens")) {
            request.response().setStatusCode(401).end();
            return;
        }
        request.body().onSuccess(body -> {
            JsonObject question = body.toJsonObject();
            String key = question.getString("portal") + "/" + question.getString("registration") + "/"
                    + question.getString("account");
            questions.computeIfAbsent(key, k -> new CopyOnWriteArrayList<>()).add(question);
            Function<JsonObject, Answer> answer = answers.getOrDefault(key, asked -> problem(409, "login-required"));
            vertx.executeBlocking(() -> answer.apply(question), false)
                    .onSuccess(said -> vertx.setTimer(Math.max(1, said.after().toMillis()), timer -> request.response()
                            .setStatusCode(said.status())
                            .putHeader("Content-Type", "application/json")
                            .putHeader("Retry-After", "9")
                            .end(said.body().toBuffer())))
                    .onFailure(failure -> request.response().setStatusCode(500).end());
        });
    }
}
