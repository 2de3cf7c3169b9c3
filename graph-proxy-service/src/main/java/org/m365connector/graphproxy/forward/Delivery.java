package org.m365connector.graphproxy.forward;

import io.vertx.core.AsyncResult;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.m365connector.graphproxy.throttle.Permit;
import org.m365connector.graphproxy.throttle.RetryAfter;

/** Graph's answer to a call on its way to the caller; what it says of throttling is learned in passing. */
final class Delivery {

    private static final Pattern PLAIN = Pattern.compile("0*[1-9]\\d*");

    private final Throttling throttling;
    private final HttpClientResponse response;
    private final Optional<Permit> permit;
    private final Relay relay;
    private final Optional<String> retryAfter;
    private boolean early;

    /**
     * @param batch what is inside, where it is one
     * @param path of the target, without the query
     */
    Delivery(
            Throttling throttling,
            HttpServerRequest in,
            HttpClientResponse response,
            Links links,
            String path,
            Optional<Batch> batch,
            Optional<Permit> permit) {
        this.throttling = throttling;
        this.response = response;
        this.permit = permit;
        response.exceptionHandler(failure -> {});
        // Before anything else: also an answer that cannot be passed on says when to come again.
        retryAfter = learned();
        Optional<BatchAnswer> items = batch.filter(inside -> response.statusCode() == 200)
                .map(inside -> new BatchAnswer((id, after) -> {
                    int item = inside.indexOf(id);
                    if (item >= 0) {
                        permit.ifPresent(given -> given.throttled(item, waitOf(after)));
                    }
                }));
        relay = new Relay(in, response, links, path, items);
    }

    /**
     * What a 429 teaches, or a 503 that says for how long.
     *
     * @return Retry-After for the caller, where Graph's own says nothing, or nothing that a caller understands: whole seconds, and not none
     */
    private Optional<String> learned() {
        int status = response.statusCode();
        String said = response.getHeader("Retry-After");
        if (permit.isEmpty() || (status != 429 && (status != 503 || said == null))) {
            return Optional.empty();
        }
        Duration closed = permit.get().throttled(0, waitOf(said));
        boolean plain = said != null && PLAIN.matcher(said).matches();
        return plain ? Optional.empty() : Optional.of(RetryAfter.seconds(closed));
    }

    /** @param retryAfter of the answer, or of a part of it; or null */
    private Optional<Duration> waitOf(String retryAfter) {
        return RetryAfter.parse(retryAfter, RetryAfter.sentAt(response.getHeader(HttpHeaders.DATE), throttling.now()));
    }

    /** Packed in a way that we cannot unpack: its links would lead the caller, and his key, past us. */
    boolean unreadable() {
        return relay.unreadable();
    }

    /** @param passed told when the caller has it whole, or cannot */
    void begin(RequestBody body, Handler<AsyncResult<Void>> passed) {
        early = body.underWay() && response.statusCode() >= 400;
        if (early) {
            body.stop();
        }
        relay.pass(early, retryAfter, passed);
    }

    /** The caller has it. */
    void done(Attempt attempt) {
        if (early) {
            attempt.reset();
            relay.closeWhenRead();
        }
    }
}
