package org.m365connector.graphproxy.forward;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.capability.Operation;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.graphproxy.access.GraphAddress;
import org.m365connector.graphproxy.account.ActingAccount;
import org.m365connector.graphproxy.token.Token;
import org.m365connector.problem.ProblemException;

/**
 * One admitted call on its way to Graph and back, on the event loop of its caller.
 *
 * <pre>
 *   body (if small) --> approach --> attempt --> answer --401, once--> another token -.
 *                        ^                        |---503, 504, twice--> pause -------|--if it can be sent again--.
 *                        |                        `--> delivery to the caller                                     |
 *                        `----------------------------------------------------------------------------------------'
 * </pre>
 */
final class Exchange implements Approach.Caller {

    private static final Logger LOG = Logger.getLogger(Exchange.class);

    /** Bodies up to this size are kept until the answer is there, so that they can be sent once more. */
    private static final long REPLAYABLE = 64 * 1024;

    private final Forwarder forwarder;
    private final HttpServerRequest in;
    private final HttpServerResponse out;
    private final GraphAddress address;
    private final boolean isBatch;
    private final Gate gate;
    private final Links links;
    private final Loop loop;
    private final RequestBody body;
    private final Approach approach;
    private final Ending ending;
    private final Trace trace = new Trace();

    /** The latest; null before the first. */
    private Attempt attempt;

    private boolean tokenReplaced;
    private int retries;
    private boolean bodyAwaited;
    private boolean answering;
    private boolean over;

    /** How far it was when it was last looked at; -1 where nothing was to be expected then. */
    private long bytesAtLastLook = -1;

    Exchange(
            Forwarder forwarder,
            HttpServerRequest in,
            GraphAddress address,
            Operation operation,
            Gate gate,
            Links links,
            Context context) {
        this.forwarder = forwarder;
        this.in = in;
        this.out = in.response();
        this.address = address;
        this.gate = gate;
        this.links = links;
        isBatch = operation.isBatch();
        loop = new Loop(context, this::broken);
        body = new RequestBody(in, isBatch ? Batch.LONGEST : REPLAYABLE, forwarder.keptBodies());
        String target = address.target().orElseThrow();
        approach = new Approach(forwarder, in, target, operation, gate, loop, this);
        ending = new Ending(forwarder, in, address, operation);
    }

    void begin() {
        forwarder.pace().began(this);
        out.closeHandler(closed -> abandoned());
        bodyAwaited = true;
        loop.guarded(() -> body.take(
                this::bodyThere,
                () -> loop.guarded(() -> {
                    if (!over && mayGoOn()) {
                        bodyThere();
                    }
                })));
    }

    private void bodyThere() {
        bodyAwaited = false;
        if (isBatch) {
            readBatch();
        } else {
            approach.begin(forwarder.clients().reused());
        }
    }

    private void readBatch() {
        if (body.whole().isEmpty()) {
            fail(
                    body.crowdedOut()
                            ? new ProblemException(ProxyProblem.TOO_MANY_CALLS).withHeader("Retry-After", "1")
                            : new ProblemException(ProxyProblem.BATCH_TOO_LARGE));
            return;
        }
        String path = address.targetPath();
        String version = path.substring(0, path.indexOf('/', 1));
        forwarder.batches().read(body.whole().get(), in.headers(), version).onComplete(loop.here(read -> {
            if (over) {
                return;
            }
            if (read.failed()) {
                fail(read.cause());
                return;
            }
            gate.holds(read.result());
            if (mayGoOn()) {
                approach.begin(forwarder.clients().reused());
            }
        }));
    }

    /** @return whether the caller still has the right; if not, he has his answer */
    private boolean mayGoOn() {
        try {
            gate.pass();
            return true;
        } catch (ProblemException refusal) {
            fail(refusal);
            return false;
        }
    }

    @Override
    public void send(Attempt next, Token token) {
        attempt = next;
        trace.sends(next.prepare(in, token, trace.clientRequestId()));
        next.send(body, forwarder.answerTimeout(), loop, answer -> answered(answer, token));
    }

    private void answered(AsyncResult<HttpClientResponse> answer, Token token) {
        if (over) {
            return;
        }
        if (answer.failed()) {
            failAtGraph(answer.cause());
            return;
        }
        HttpClientResponse response = answer.result();
        trace.answered(response);
        if (response.statusCode() == 401) {
            refused(response, token);
        } else if (body.whole().isPresent() && Retries.worthwhile(in, response, retries)) {
            retryLater(response);
        } else {
            deliver(response);
        }
    }

    /** Graph does not take the token. What it says of that is between Graph and us. */
    private void refused(HttpClientResponse response, Token token) {
        Optional<String> claims = Challenge.claims(response.headers().getAll("WWW-Authenticate"));
        ActingAccount asked = gate.account();
        LOG.debugf(
                "graph refused a token portal=%s registration=%s account=%s claims=%s request-id=%s",
                asked.portal(), asked.registration(), asked.id(), claims.isPresent(), trace.requestId());
        trace.notExecuted();
        approach.giveBackPermit();
        // The body runs out unread, so that the connection can be used again.
        response.exceptionHandler(failure -> {});
        if (tokenReplaced) {
            fail(new ProblemException(ProxyProblem.GRAPH_TOKEN_REFUSED));
            return;
        }
        tokenReplaced = true;
        if (!mayGoOn()) {
            return;
        }
        ActingAccount asks = gate.account();
        approach.askForAnother(token, claims, renewed -> {
            if (renewed.value().equals(token.value())) {
                fail(new ProblemException(ProxyProblem.GRAPH_TOKEN_REFUSED));
            } else if (body.whole().isPresent()) {
                approach.askForPermit(asks, renewed, forwarder.clients().reused());
            } else {
                fail(new ProblemException(ProxyProblem.TOKEN_RENEWED).withHeader("Retry-After", "1"));
            }
        });
    }

    private void retryLater(HttpClientResponse response) {
        retries++;
        trace.repeated();
        response.exceptionHandler(failure -> {});
        // Graph asks for another connection then.
        attempt.leaveConnection();
        approach.giveBackPermit();
        loop.later(Retries.pauseMillis(retries), () -> {
            if (!over && mayGoOn()) {
                approach.begin(forwarder.clients().fresh());
            }
        });
    }

    private void deliver(HttpClientResponse response) {
        answering = true;
        Delivery delivery = new Delivery(
                forwarder.throttling(), in, response, links, address.targetPath(), gate.batch(), approach.permit());
        if (delivery.unreadable()) {
            attempt.reset();
            fail(new ProblemException(ProxyProblem.GRAPH_ANSWER_ENCODED));
            return;
        }
        delivery.begin(body, loop.here(passed -> {
            if (over) {
                return;
            }
            if (passed.succeeded()) {
                over(Calls.Outcome.ANSWERED, trace.status() / 100 + "xx");
                delivery.done(attempt);
            } else {
                response.exceptionHandler(failure -> {});
                cut(passed.cause());
            }
        }));
    }

    /** Too late for a problem: a closed connection is the only way left to say that this is not the whole answer. */
    private void cut(Throwable cause) {
        LOG.debugf("answer cut cause=%s", cause.getClass().getSimpleName());
        over(Calls.Outcome.FAILED, "cut");
        attempt.reset();
        out.reset();
    }

    @Override
    public void failAtGraph(Throwable why) {
        trace.asks();
        fail(Failures.atGraph(why));
    }

    @Override
    public void fail(Throwable why) {
        if (over) {
            return;
        }
        ProblemAnswer answer = ProblemAnswer.of(Failures.named(why), in, gate.account(), trace);
        trace.replacedBy(answer.status());
        over(trace.asked() ? Calls.Outcome.FAILED : Calls.Outcome.REFUSED, answer.slug());
        if (attempt != null && body.whole().isEmpty()) {
            // The rest of the body need not be sent to somebody who does not want it.
            body.stop();
            attempt.reset();
        }
        if (out.headWritten()) {
            out.reset();
        } else if (answer.slug().equals(ProxyProblem.BODY_TOO_SLOW.slug())) {
            answer.sendAndHangUp(in);
        } else {
            answer.send(in);
        }
    }

    /** A step threw: nobody knows how far the attempt has come. */
    private void broken(RuntimeException cause) {
        if (attempt != null) {
            attempt.reset();
        }
        fail(cause);
    }

    /** The caller has gone: nobody waits for Graph any more. */
    private void abandoned() {
        if (over) {
            return;
        }
        over(Calls.Outcome.ABANDONED, "caller");
        if (attempt != null) {
            attempt.reset();
        }
    }

    /** To be called now and then: a transfer that has hardly moved since the last time is ended. */
    void look() {
        loop.here(() -> {
            boolean expected = bodyAwaited || body.underWay() || answering;
            if (over || !expected) {
                bytesAtLastLook = -1;
                return;
            }
            long bytes = in.bytesRead() + out.bytesWritten();
            boolean slow = bytesAtLastLook >= 0 && bytes - bytesAtLastLook < Pace.LEAST;
            bytesAtLastLook = bytes;
            if (slow && answering) {
                cut(new ProblemException(ProxyProblem.BODY_TOO_SLOW));
            } else if (slow) {
                fail(new ProblemException(ProxyProblem.BODY_TOO_SLOW));
            }
        });
    }

    private void over(Calls.Outcome outcome, String detail) {
        over = true;
        forwarder.pace().ended(this);
        approach.giveBackPermit();
        ending.ended(outcome, detail, gate, trace, body.length());
        body.forget();
    }

    @Override
    public boolean over() {
        return over;
    }
}
