package org.m365connector.graphproxy;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A Graph that does what a test wants, and remembers what it was asked. */
final class UpstreamStandIn {

    record Seen(String method, String uri, List<Map.Entry<String, String>> headers) {
        String header(String name) {
            return headers.stream()
                    .filter(header -> header.getKey().equalsIgnoreCase(name))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(null);
        }
    }

    private final Map<String, Handler<HttpServerRequest>> handlers = new ConcurrentHashMap<>();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();

    UpstreamStandIn(Vertx vertx, int port) {
        this(vertx, port, new HttpServerOptions());
    }

    UpstreamStandIn(Vertx vertx, int port, HttpServerOptions options) {
        // Whatever the proxy lets through arrives here.
        HttpServerOptions patient =
                new HttpServerOptions(options).setMaxInitialLineLength(1 << 16).setMaxHeaderSize(1 << 16);
        vertx.createHttpServer(patient)
                .requestHandler(this::handle)
                .listen(port, "localhost")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    /** @param rawPath from the version on */
    void on(String rawPath, Handler<HttpServerRequest> handler) {
        handlers.put(rawPath, handler);
    }

    List<Seen> seen(String rawPath) {
        return seen.stream()
                .filter(request -> request.uri().split("\\?", 2)[0].equals(rawPath))
                .toList();
    }

    int count() {
        return seen.size();
    }

    private void handle(HttpServerRequest request) {
        seen.add(new Seen(
                request.method().name(),
                request.uri(),
                List.copyOf(request.headers().entries())));
        Handler<HttpServerRequest> handler = handlers.get(request.uri().split("\\?", 2)[0]);
        if (handler != null) {
            handler.handle(request);
            return;
        }
        request.body().onSuccess(body -> request.response()
                .putHeader("Content-Type", "application/json")
                .end(new JsonObject()
                        .put("method", request.method().name())
                        .put("uri", request.uri())
                        .put("body", body.toString())
                        .toBuffer()));
    }
}
