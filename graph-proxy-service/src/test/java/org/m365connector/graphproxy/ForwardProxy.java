package org.m365connector.graphproxy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** The only way out of a network (RFC 9110, 9.3.6): knows hosts that nobody else knows, and remembers who was asked for. */
final class ForwardProxy {

    private final Map<String, Integer> hosts;
    private final NetClient out;
    private final List<String> asked = new CopyOnWriteArrayList<>();

    /** @param hosts {@code host:port} as the caller says, and the port where it is */
    ForwardProxy(Vertx vertx, int port, Map<String, Integer> hosts) {
        this.hosts = Map.copyOf(hosts);
        out = vertx.createNetClient();
        vertx.createHttpServer()
                .requestHandler(this::handle)
                .listen(port, "localhost")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    /** Method and target of each request, in their order. */
    List<String> asked() {
        return asked;
    }

    private void handle(HttpServerRequest request) {
        asked.add(request.method() + " " + request.uri());
        Integer port = hosts.get(request.uri());
        if (!HttpMethod.CONNECT.equals(request.method()) || port == null) {
            request.response().setStatusCode(403).end();
            return;
        }
        request.pause();
        out.connect(port, "localhost").onSuccess(server -> {
            server.pause();
            request.toNetSocket().onSuccess(caller -> join(caller, server));
        });
    }

    private static void join(NetSocket caller, NetSocket server) {
        var there = caller.pipeTo(server);
        var back = server.pipeTo(caller);
        // Whoever hangs up ends both; who was hung up on has nobody to tell.
        there.onFailure(gone -> server.close());
        back.onFailure(gone -> caller.close());
    }
}
