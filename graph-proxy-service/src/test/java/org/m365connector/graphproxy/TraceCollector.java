package org.m365connector.graphproxy;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

/** Takes traces over OTLP, and keeps them as they came: text and ids stand in them as they are. */
final class TraceCollector {

    private final List<Buffer> taken = new CopyOnWriteArrayList<>();

    TraceCollector(Vertx vertx, int port) {
        this(vertx, port, new HttpServerOptions());
    }

    TraceCollector(Vertx vertx, int port, HttpServerOptions options) {
        vertx.createHttpServer(options)
                .requestHandler(request -> request.body().onSuccess(body -> {
                    if (request.path().equals("/v1/traces")) {
                        taken.add(body);
                    }
                    request.response()
                            .putHeader("Content-Type", "application/x-protobuf")
                            .end();
                }))
                .listen(port, "localhost")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    /** How often an id stands in what came, given in hexadecimal digits. */
    int count(String id) {
        String bytes = new String(HexFormat.of().parseHex(id), StandardCharsets.ISO_8859_1);
        return text().split(Pattern.quote(bytes), -1).length - 1;
    }

    /** Everything that came. */
    String text() {
        StringBuilder text = new StringBuilder();
        taken.forEach(piece -> text.append(new String(piece.getBytes(), StandardCharsets.ISO_8859_1)));
        return text.toString();
    }
}
