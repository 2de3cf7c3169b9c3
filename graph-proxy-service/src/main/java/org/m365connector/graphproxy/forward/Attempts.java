package org.m365connector.graphproxy.forward;

import io.vertx.core.AsyncResult;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.capability.Operation;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.graphproxy.account.ActingAccount;
import org.m365connector.graphproxy.throttle.Permit;
import org.m365connector.graphproxy.token.Token;
import org.m365connector.graphproxy.tracing.CallTrace;
import org.m365connector.problem.ProblemException;

/**
 * What is tried at Graph for one call, until there is an answer for its caller.
 *
 * <pre>
 *   approach --> attempt --> answer --401, once--> another token -.
 *      ^                       |---503, 504, twice--> pause -------|--if it can be sent again--.
 *      |                       `--> the caller                                                 |
 *      `---------------------------------------------------------------------------------------'
 * </pre>
 */
final class Attempts implements Approach.Caller {

    private static final Logger LOG = Logger.getLogger(Attempts.class);

    /** Whose call it is. */
    interface Caller {
        /** Whether nobody waits any more. */
        boolean over();

        /** Whether he still has the right; if not, he has his answer. */
        boolean mayGoOn();

        /** The answer that is his. */
        void answered(HttpClientResponse response);

        /** Told instead, and once. */
        void fail(Throwable why);

        /** Graph was asked, or could not even be reached. */
        void failAtGraph(Throwable why);
    }

    private final Forwarder forwarder;
    private final HttpServerRequest in;
    private final Gate gate;
    private final RequestBody body;
    private final Loop loop;
    private final Trace trace;
    private final Optional<CallTrace> spans;
    private final Caller caller;
    private final Approach approach;

    /** The latest; null before the first. */
    private volatile Attempt attempt;

    private boolean tokenReplaced;
    private int retries;

    /** After a connection ended under it, which Graph may have closed before it saw anything of the call. */
    private boolean repeatedFresh;

    /** @param target path and query at Graph */
    Attempts(
            Forwarder forwarder,
            HttpServerRequest in,
            String target,
            Operation operation,
            Gate gate,
            RequestBody body,
            Loop loop,
            Trace trace,
            Optional<CallTrace> spans,
            Caller caller) {
        this.forwarder = forwarder;
        this.in = in;
        this.gate = gate;
        this.body = body;
        this.loop = loop;
        this.trace = trace;
        this.spans = spans;
        this.caller = caller;
        approach = new Approach(forwarder, in, target, operation, gate, loop, this);
    }

    /** To be called by whoever has just passed the gate. */
    void begin() {
        approach.begin(forwarder.clients().reused());
    }

    @Override
    public void send(Attempt next, Token token) {
        attempt = next;
        String id = next.prepare(in, token, trace.clientRequestId());
        trace.sends(id);
        spans.ifPresent(
                traced -> traced.attempt(next.headers(), gate.admitted().host().host(), id));
        next.send(body, forwarder.answerTimeout(), loop, answer -> answered(answer, token));
    }

    private void answered(AsyncResult<HttpClientResponse> answer, Token token) {
        if (over()) {
            return;
        }
        if (answer.failed()) {
            if (!repeatedFresh && body.whole().isPresent() && Retries.worthwhile(in, answer.cause())) {
                repeatedFresh = true;
                trace.repeated();
                again();
            } else {
                failAtGraph(answer.cause());
            }
            return;
        }
        HttpClientResponse response = answer.result();
        trace.answered(response);
        spans.ifPresent(traced -> traced.answered(trace.status(), trace.requestId()));
        if (response.statusCode() == 401) {
            refused(response, token);
        } else if (body.whole().isPresent() && Retries.worthwhile(in, response, retries)) {
            retryLater(response);
        } else {
            caller.answered(response);
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
        if (!caller.mayGoOn()) {
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
            if (!over()) {
                again();
            }
        });
    }

    /** On a connection of its own. */
    private void again() {
        approach.giveBackPermit();
        if (caller.mayGoOn()) {
            approach.begin(forwarder.clients().fresh());
        }
    }

    Optional<Permit> permit() {
        return approach.permit();
    }

    /** The call is over. Graph does not leave a request because its caller has left. */
    void giveBackPermit() {
        approach.giveBackPermitAfter(attempt == null ? Duration.ZERO : attempt.atWork());
    }

    /** Its answer has been passed on. */
    void delivered(Delivery delivery) {
        delivery.done(attempt);
    }

    /** Nothing more is wanted of Graph. */
    void reset() {
        if (attempt != null) {
            attempt.reset();
        }
    }

    /** To be called by any thread now and then: gives up an attempt that Graph leaves without an answer. */
    void look(long nanoTime) {
        Attempt latest = attempt;
        if (latest != null && latest.isOverdue(nanoTime)) {
            loop.here(latest::giveUp);
        }
    }

    /** Whether there is an attempt that could be reset. */
    boolean begun() {
        return attempt != null;
    }

    @Override
    public boolean over() {
        return caller.over();
    }

    @Override
    public void fail(Throwable why) {
        caller.fail(why);
    }

    @Override
    public void failAtGraph(Throwable why) {
        caller.failAtGraph(why);
    }
}
