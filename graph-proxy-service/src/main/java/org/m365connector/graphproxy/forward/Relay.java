package org.m365connector.graphproxy.forward;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.streams.ReadStream;
import java.util.Optional;

/** Graph's answer on its way to the caller, its links rewritten in passing. */
final class Relay {

    private final HttpServerRequest in;
    private final HttpServerResponse out;
    private final HttpClientResponse response;
    private final Links links;
    private final Optional<BatchAnswer> batch;
    private final boolean bodyless;
    private final boolean rewritten;

    /**
     * @param path of the target, without the query
     * @param batch sees the body pass
     */
    Relay(HttpServerRequest in, HttpClientResponse response, Links links, String path, Optional<BatchAnswer> batch) {
        this.in = in;
        this.out = in.response();
        this.response = response;
        this.links = links;
        this.batch = batch;
        bodyless = HttpMethod.HEAD.equals(in.method()) || response.statusCode() == 204 || response.statusCode() == 304;
        // An error has no links that anybody goes on with; what it says must pass in any shape.
        boolean packedError = response.statusCode() >= 400 && Headers.isEncoded(response.headers());
        // With other links in it a part of a file would no longer be the bytes that its Content-Range says.
        boolean part = response.statusCode() == 206;
        rewritten = !bodyless && !packedError && !part && Headers.isJson(response.headers()) && !isRawContent(path);
    }

    /** Packed in a way that we cannot unpack: its links would lead the caller, and his key, past us. */
    boolean unreadable() {
        return rewritten && Headers.isEncoded(response.headers()) && !Headers.isGzip(response.headers());
    }

    /**
     * @param early before Graph had the whole request; then the connection cannot be used again
     * @param retryAfter what to say instead of what Graph said
     * @param passed told when the caller has it whole, or cannot
     */
    void pass(boolean early, Optional<String> retryAfter, Handler<AsyncResult<Void>> passed) {
        out.setStatusCode(response.statusCode());
        Headers.toCaller(response.headers(), out.headers(), links);
        retryAfter.ifPresent(seconds -> out.putHeader("Retry-After", seconds));
        if (early) {
            out.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        if (bodyless) {
            out.end();
            passed.handle(Future.succeededFuture());
            return;
        }
        ReadStream<Buffer> body = response;
        if (rewritten) {
            out.headers().remove(HttpHeaders.CONTENT_LENGTH);
            if (Headers.isGzip(response.headers())) {
                out.headers().remove(HttpHeaders.CONTENT_ENCODING);
                body = new UnpackingStream(response);
            }
            body = new RewritingStream(body, new LinkRewriter(links, batch));
        }
        new Pump(body, out, Vertx.currentContext(), passed).start();
    }

    /** Not before the caller has sent all: the answer would be lost on its way to somebody who is still sending. */
    void closeWhenRead() {
        ProblemAnswer.hangUpAfterTheRest(in);
    }

    /** What somebody stored, which may be JSON and is none of our business. */
    private static boolean isRawContent(String path) {
        return path.endsWith("/$value") || path.endsWith("/content");
    }
}
