package org.m365connector.graphproxy.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.vertx.core.MultiMap;

/** The spans of one call. To be used on the event loop of its caller. */
public final class CallTrace {

    private final Tracer tracer;
    private final Span call;
    private final String operation;

    /** At Graph; null while there is none. */
    private Span attempt;

    CallTrace(Tracer tracer, Span call, String operation) {
        this.tracer = tracer;
        this.call = call;
        this.operation = operation;
    }

    /**
     * It goes out to Graph.
     *
     * @param headers of the request, which say from now on in which trace it stands
     * @param clientRequestId by which Graph's support finds it
     */
    public void attempt(MultiMap headers, String host, String clientRequestId) {
        endAttempt();
        Context parent = call.storeInContext(Context.root());
        attempt = tracer.spanBuilder("graph " + operation)
                .setParent(parent)
                .setSpanKind(SpanKind.CLIENT)
                .setAttribute("server.address", host)
                .setAttribute("m365.client_request_id", clientRequestId)
                .startSpan();
        headers.remove("tracestate");
        W3CTraceContextPropagator.getInstance().inject(attempt.storeInContext(parent), headers, MultiMap::set);
    }

    /** @param requestId Graph's own, or null */
    public void answered(int status, String requestId) {
        if (attempt != null) {
            attempt.setAttribute("http.response.status_code", status);
            if (requestId != null) {
                attempt.setAttribute("m365.graph_request_id", requestId);
            }
            if (status >= 400) {
                attempt.setStatus(StatusCode.ERROR);
            }
        }
    }

    /**
     * The call is over.
     *
     * @param outcome {@code answered}, {@code refused}, {@code failed} or {@code abandoned}
     * @param detail class of Graph's status, or slug of the problem
     * @param status what the caller got; 0 for nothing
     */
    public void ended(String outcome, String detail, int status) {
        boolean answered = outcome.equals("answered");
        if (attempt != null && !answered) {
            attempt.setStatus(StatusCode.ERROR);
        }
        endAttempt();
        call.setAttribute("m365.outcome", outcome);
        if (status > 0) {
            call.setAttribute("http.response.status_code", status);
        }
        if (!answered) {
            call.setAttribute("error.type", detail);
            call.setStatus(StatusCode.ERROR);
        }
        call.end();
    }

    private void endAttempt() {
        if (attempt != null) {
            attempt.end();
            attempt = null;
        }
    }
}
