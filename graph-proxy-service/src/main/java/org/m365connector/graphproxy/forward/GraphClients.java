package org.m365connector.graphproxy.forward;

import io.netty.util.concurrent.MultithreadEventExecutorGroup;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Connections to Graph, for each event loop its own: a shared pool hands out whichever was used last, mostly one of another loop, and
 * then every piece of an answer changes threads on its way to the caller.
 */
final class GraphClients implements AutoCloseable {

    private record Pair(HttpClient reused, HttpClient fresh) {}

    private final Vertx vertx;
    private final HttpClientOptions options;
    private final PoolOptions connections;
    private final List<Pair> all = new CopyOnWriteArrayList<>();
    private final ThreadLocal<Pair> ofLoop = ThreadLocal.withInitial(this::create);

    /**
     * @param most connections to one host, over all loops
     * @param waiting calls that may wait for one, over all loops
     */
    GraphClients(Vertx vertx, HttpClientOptions options, int most, int waiting) {
        this.vertx = vertx;
        int loops = loops(vertx);
        this.options = new HttpClientOptions(options).setMaxWaitQueueSize(share(waiting, loops));
        connections = new PoolOptions().setHttp1MaxSize(share(most, loops));
    }

    // There is no other way to ask how many there are, and it goes away with Vert.x 5 only.
    @SuppressWarnings("deprecation")
    private static int loops(Vertx vertx) {
        return vertx.nettyEventLoopGroup() instanceof MultithreadEventExecutorGroup group ? group.executorCount() : 1;
    }

    /** Callers are spread over the loops evenly. */
    private static int share(int of, int loops) {
        return Math.max(1, (of + loops - 1) / loops);
    }

    private Pair create() {
        Pair pair = new Pair(
                vertx.createHttpClient(options, connections),
                vertx.createHttpClient(new HttpClientOptions(options).setKeepAlive(false), connections));
        all.add(pair);
        return pair;
    }

    /** To be called on an event loop. */
    HttpClient reused() {
        return ofLoop.get().reused();
    }

    /** Never uses a connection twice. To be called on an event loop. */
    HttpClient fresh() {
        return ofLoop.get().fresh();
    }

    @Override
    public void close() {
        all.forEach(pair -> {
            pair.reused().close();
            pair.fresh().close();
        });
    }
}
