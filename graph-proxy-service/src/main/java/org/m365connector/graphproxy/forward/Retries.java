package org.m365connector.graphproxy.forward;

import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** Which answers of Graph are worth another attempt, and when. */
final class Retries {

    private static final int MOST = 2;
    private static final long FIRST_PAUSE_MILLIS = 200;
    private static final Set<HttpMethod> IDEMPOTENT =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.PUT, HttpMethod.DELETE);

    private Retries() {}

    /** Where Graph says when to come again, that is the caller's to decide: it may be long. */
    static boolean worthwhile(HttpMethod method, HttpClientResponse response, int before) {
        return (response.statusCode() == 503 || response.statusCode() == 504)
                && before < MOST
                && IDEMPOTENT.contains(method)
                && response.getHeader("Retry-After") == null;
    }

    /** @param number of the attempt to come, beginning with 1 */
    static long pauseMillis(int number) {
        long pause = FIRST_PAUSE_MILLIS << (number - 1);
        return pause + ThreadLocalRandom.current().nextLong(pause / 2);
    }
}
