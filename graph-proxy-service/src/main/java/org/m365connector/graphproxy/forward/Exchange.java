package org.m365connector.graphproxy.forward;

import io.vertx.core.Context;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;
import org.m365connector.capability.Operation;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.graphproxy.access.GraphAddress;
import org.m365connector.graphproxy.audit.Templates;
import org.m365connector.graphproxy.tracing.CallTrace;
import org.m365connector.problem.ProblemException;

/**
 * One admitted call on its way to Graph and back, on the event loop of its caller.
 *
 * <pre>
 *   body (if small; of a batch, read) --> attempts --> delivery to the caller
 * </pre>
 */
final class Exchange implements Attempts.Caller {

    private static final Logger LOG = Logger.getLogger(Exchange.class);

    private static final String CALLER_TOO_SLOW = "caller-too-slow";

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
    private final Progress progress;
    private final Attempts attempts;
    private final Ending ending;
    private final Trace trace;
    private final Optional<CallTrace> spans;

    private boolean bodyAwaited;
    private boolean answering;
    private boolean over;

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
        progress = new Progress(in);
        this.address = address;
        this.gate = gate;
        this.links = links;
        isBatch = operation.isBatch();
        loop = new Loop(context, this::broken);
        body = new RequestBody(in, isBatch ? Batch.LONGEST : REPLAYABLE, forwarder.keptBodies());
        trace = new Trace(in.getHeader(Headers.CLIENT_REQUEST_ID));
        String target = address.target().orElseThrow();
        ending = new Ending(forwarder, in, address, operation);
        spans = forwarder
                .tracing()
                .call(
                        in.headers(),
                        () -> Templates.of(operation.method(), operation.segments()),
                        gate.account().registrationKey());
        attempts = new Attempts(forwarder, in, target, operation, gate, body, loop, trace, spans, this);
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
            attempts.begin();
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
                attempts.begin();
            }
        }));
    }

    @Override
    public boolean mayGoOn() {
        try {
            gate.pass();
            return true;
        } catch (ProblemException refusal) {
            fail(refusal);
            return false;
        }
    }

    @Override
    public void answered(HttpClientResponse response) {
        answering = true;
        Delivery delivery = new Delivery(
                forwarder.throttling(), in, response, links, address.targetPath(), gate.batch(), attempts.permit());
        if (delivery.unreadable()) {
            attempts.reset();
            fail(new ProblemException(ProxyProblem.GRAPH_ANSWER_ENCODED));
            return;
        }
        delivery.begin(body, loop.here(passed -> {
            if (over) {
                return;
            }
            if (passed.succeeded()) {
                over(Calls.Outcome.ANSWERED, trace.status() / 100 + "xx");
                attempts.delivered(delivery);
            } else {
                LOG.debugf("answer cut cause=%s", passed.cause().getClass().getSimpleName());
                if (out.writeQueueFull() && progress.hardlyMoved()) {
                    // Graph's connection has only been idle because nobody took anything more of it.
                    cut(Calls.Outcome.ABANDONED, CALLER_TOO_SLOW);
                } else {
                    cut(Calls.Outcome.FAILED, "cut");
                }
            }
        }));
    }

    /** Too late for a problem: a closed connection is the only way left to say that this is not the whole answer. */
    private void cut(Calls.Outcome outcome, String detail) {
        over(outcome, detail);
        attempts.reset();
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
        if (attempts.begun() && body.whole().isEmpty()) {
            // The rest of the body need not be sent to somebody who does not want it.
            body.stop();
            attempts.reset();
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
        attempts.reset();
        fail(cause);
    }

    /** The caller has gone: nobody waits for Graph any more. */
    private void abandoned() {
        if (over) {
            return;
        }
        over(Calls.Outcome.ABANDONED, "caller");
        attempts.reset();
    }

    /** To be called more often than the other look: Graph's time to answer may be over. */
    void lookForAnswer(long nanoTime) {
        attempts.look(nanoTime);
    }

    /** To be called now and then: a transfer that has hardly moved since the last time is ended. */
    void look() {
        loop.here(() -> {
            boolean expected = bodyAwaited || body.underWay() || answering;
            if (over || !expected) {
                progress.pause();
                return;
            }
            if (progress.look()) {
                tooSlow();
            }
        });
    }

    /** Whoever has something to take and does not take it is the slow one; else whoever has something to send. */
    private void tooSlow() {
        if (answering) {
            boolean caller = out.writeQueueFull();
            cut(caller ? Calls.Outcome.ABANDONED : Calls.Outcome.FAILED, caller ? CALLER_TOO_SLOW : "graph-too-slow");
        } else if (body.waitsForGraph()) {
            failAtGraph(new TimeoutException("graph does not take the body"));
        } else {
            fail(new ProblemException(ProxyProblem.BODY_TOO_SLOW));
        }
    }

    private void over(Calls.Outcome outcome, String detail) {
        over = true;
        forwarder.pace().ended(this);
        attempts.giveBackPermit();
        ending.ended(outcome, detail, gate, trace, body.length());
        spans.ifPresent(traced -> traced.ended(outcome.label(), detail, trace.status()));
        body.forget();
    }

    @Override
    public boolean over() {
        return over;
    }
}
