package org.m365connector.graphproxy.forward;

import io.vertx.core.AsyncResult;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Optional;
import org.m365connector.graphproxy.throttle.Permit;
import org.m365connector.graphproxy.throttle.RetryAfter;

/** Graph's answer to a call on its way to the caller; what it says of throttling is learned in passing. */
final class Delivery {

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
                        permit.ifPresent(given -> given.throttled(item, RetryAfter.parse(after, throttling.now())));
                    }
                }));
        relay = new Relay(in, response, links, path, items);
    }

    /**
     * What a 429 teaches, or a 503 that says for how long.
     *
     * @return Retry-After for the caller, where Graph's own says nothing or is no whole number of seconds
     */
    private Optional<String> learned() {
        int status = response.statusCode();
        String said = response.getHeader("Retry-After");
        if (permit.isEmpty() || (status != 429 && (status != 503 || said == null))) {
            return Optional.empty();
        }
        Duration closed = permit.get().throttled(0, RetryAfter.parse(said, throttling.now()));
        boolean plain = said != null && said.chars().allMatch(Character::isDigit);
        return plain ? Optional.empty() : Optional.of(RetryAfter.seconds(closed));
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
