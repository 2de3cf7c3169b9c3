package org.m365connector.graphproxy.forward;

import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** Which answers of Graph are worth another attempt, and when. */
final class Retries {

    private static final int MOST = 2;
    private static final long FIRST_PAUSE_MILLIS = 200;
    private static final Set<HttpMethod> IDEMPOTENT_WRITES = Set.of(HttpMethod.PUT, HttpMethod.DELETE);

    private static final Set<HttpMethod> READS = Set.of(HttpMethod.GET, HttpMethod.HEAD);

    /** What makes a write depend on a state that its own first attempt may have changed. */
    private static final List<String> CONDITIONS =
            List.of("If-Match", "If-None-Match", "If-Unmodified-Since", "If-Modified-Since", "Content-Range");

    private Retries() {}

    /** Where Graph says when to come again, that is the caller's to decide: it may be long. */
    static boolean worthwhile(HttpServerRequest in, HttpClientResponse response, int before) {
        return (response.statusCode() == 503 || response.statusCode() == 504)
                && before < MOST
                && repeatable(in)
                && response.getHeader("Retry-After") == null;
    }

    /** A connection that was closed while a call was on its way: Graph closes idle ones in the moment in which they are used again. */
    static boolean worthwhile(HttpServerRequest in, Throwable failure) {
        boolean closed = failure instanceof HttpClosedException || failure instanceof IOException;
        return closed && repeatable(in);
    }

    private static boolean repeatable(HttpServerRequest in) {
        return READS.contains(in.method())
                || (IDEMPOTENT_WRITES.contains(in.method())
                        && CONDITIONS.stream().noneMatch(name -> in.headers().contains(name)));
    }

    /** @param number of the attempt to come, beginning with 1 */
    static long pauseMillis(int number) {
        long pause = FIRST_PAUSE_MILLIS << (number - 1);
        return pause + ThreadLocalRandom.current().nextLong(pause / 2);
    }
}
