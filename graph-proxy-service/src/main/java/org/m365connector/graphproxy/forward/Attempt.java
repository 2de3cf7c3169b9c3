package org.m365connector.graphproxy.forward;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.m365connector.graphproxy.token.Token;

/** One request to Graph, from the moment in which there is a connection for it. */
final class Attempt {

    private final HttpClientRequest request;
    private boolean answered;
    private Handler<AsyncResult<HttpClientResponse>> told;

    /** When Graph has been silent for too long, by {@link System#nanoTime}; 0 where nobody waits for it. */
    private volatile long overdueAt;

    /** When Graph had all of it, by {@link System#nanoTime}; 0 before. */
    private long sentAt;

    /** Nobody waits for its answer any longer, and none has come. */
    private boolean givenUp;

    private Attempt(HttpClientRequest request) {
        this.request = request;
        // What goes wrong is told by the future of the answer, and once the call is over by nobody.
        request.exceptionHandler(failure -> {});
    }

    /** @param target path and query, as they are to arrive */
    static void connect(
            Forwarder forwarder,
            HttpClient client,
            HttpServerRequest in,
            GraphHost host,
            String target,
            Handler<AsyncResult<Attempt>> connected) {
        RequestOptions options = new RequestOptions()
                .setMethod(in.method())
                .setHost(host.host())
                .setPort(host.port())
                .setSsl(host.tls())
                .setURI(target)
                .setConnectTimeout(forwarder.connectTimeout().toMillis());
        forwarder.proxyFor(host).ifPresent(options::setProxyOptions);
        client.request(options).map(Attempt::new).onComplete(connected);
    }

    /**
     * Puts the headers on it.
     *
     * @param clientRequestId of an attempt before this one, or null
     * @return by which Graph's support finds the call
     */
    String prepare(HttpServerRequest in, Token token, String clientRequestId) {
        String id = Headers.toGraph(in.headers(), request.headers(), clientRequestId);
        if (!TokenHandler.handOver(request.connection(), token)) {
            request.putHeader(HttpHeaders.AUTHORIZATION, token.authorization());
        }
        // Links can be rewritten in plain text only.
        request.putHeader(HttpHeaders.ACCEPT_ENCODING, HttpHeaders.IDENTITY);
        String length = in.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length != null) {
            request.putHeader(HttpHeaders.CONTENT_LENGTH, length);
        }
        return id;
    }

    MultiMap headers() {
        return request.headers();
    }

    /**
     * Whoever looks at the calls under way now and then asks whether it is overdue: a timer for each of them, which nearly never
     * goes off, cost more than the governor.
     *
     * @param patience how long Graph may be silent once it has all
     */
    void send(RequestBody body, Duration patience, Loop loop, Handler<AsyncResult<HttpClientResponse>> listener) {
        told = listener;
        request.response().onComplete(loop.here(this::tell));
        Optional<Buffer> whole = body.whole();
        if (whole.isEmpty()) {
            body.stream(request, loop.here(passed -> streamed(body, passed, patience)));
            return;
        }
        waitFor(patience);
        if (whole.get().length() == 0) {
            request.end();
        } else {
            request.end(whole.get());
        }
    }

    private void waitFor(Duration patience) {
        long now = System.nanoTime();
        sentAt = now | 1;
        overdueAt = (now + patience.toNanos()) | 1;
    }

    private void streamed(RequestBody body, AsyncResult<Void> passed, Duration patience) {
        if (passed.succeeded()) {
            if (!answered) {
                waitFor(patience);
            }
        } else if (!answered) {
            request.reset();
        } else {
            // Graph has answered and hung up: its answer is what counts.
            body.stop();
        }
    }

    private void tell(AsyncResult<HttpClientResponse> answer) {
        if (!answered) {
            answered = true;
            overdueAt = 0;
            told.handle(answer);
        }
    }

    /** To be asked by any thread. */
    boolean isOverdue(long nanoTime) {
        long at = overdueAt;
        return at != 0 && nanoTime - at > 0;
    }

    /** Nobody waits for Graph any longer. To be called where the call is. */
    void giveUp() {
        if (isOverdue(System.nanoTime())) {
            givenUp = true;
            tell(Future.failedFuture(new TimeoutException("graph does not answer")));
            request.reset();
        }
    }

    /** How long Graph has been at work on it, where it may be still; else nothing. */
    Duration atWork() {
        boolean atWork = sentAt != 0 && (!answered || givenUp);
        return atWork ? Duration.ofNanos(System.nanoTime() - sentAt) : Duration.ZERO;
    }

    /** Nothing more is wanted of it; its connection is not used again. */
    void reset() {
        request.reset();
    }

    /** Its connection leads to a machine that is not well. */
    void leaveConnection() {
        request.connection().close();
    }
}
