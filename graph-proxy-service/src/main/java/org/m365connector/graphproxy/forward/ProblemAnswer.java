package org.m365connector.graphproxy.forward;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;
import org.m365connector.events.EventCodec;
import org.m365connector.graphproxy.account.ActingAccount;
import org.m365connector.graphproxy.token.AuthRefusal;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.Problems;
import org.m365connector.problem.RequestProblem;

/**
 * An error of ours (or auth-service's) as the caller gets it. The header tells it from Graph's own errors. The member {@code
 * error} has the shape of Graph's, because Microsoft's clients look for it and fail on an answer without.
 */
record ProblemAnswer(int status, String slug, Map<String, Object> body, Map<String, String> headers) {

    private static final Logger LOG = Logger.getLogger(ProblemAnswer.class);

    /** Bodies that nobody wants are read to their end up to this length, so that the connection can be used again. */
    private static final long READ_OUT = 64 * 1024;

    private static final long LINGER_MILLIS = 30_000;

    ProblemAnswer {
        Map<String, Object> readableByGraphClients = new LinkedHashMap<>(body);
        readableByGraphClients.put("error", Map.of("code", slug, "message", String.valueOf(body.get("detail"))));
        body = readableByGraphClients;
    }

    /**
     * Told before anything of the call was sent to Graph, or after Graph said that it did not execute it. The member
     * {@code sent} says so: the caller may repeat what must not happen twice.
     *
     * @param acceptLanguage the header, or null
     */
    static ProblemAnswer unsent(Throwable failure, String acceptLanguage) {
        return of(failure, acceptLanguage).with("sent", false);
    }

    /** Of a call that was admitted: with the ids by which it is found at Microsoft, and with what the caller may conclude. */
    static ProblemAnswer of(Throwable failure, HttpServerRequest in, ActingAccount account, Trace trace) {
        String language = in.getHeader(HttpHeaders.ACCEPT_LANGUAGE);
        ProblemAnswer answer = trace.mayHaveHappened() ? of(failure, language) : unsent(failure, language);
        if (failure instanceof AuthRefusal) {
            // Whose sign-in or consent is missing: the caller may have named no account.
            answer = answer.with("accountId", account.id().value());
        }
        if (trace.requestId() != null) {
            answer = answer.with("graphRequestId", trace.requestId());
        }
        return answer.calledBy(trace.clientRequestId());
    }

    /** @param clientRequestId by which its caller knows the call, or null */
    ProblemAnswer calledBy(String clientRequestId) {
        return Ending.bounded(clientRequestId)
                .map(id -> with("clientRequestId", id))
                .orElse(this);
    }

    ProblemAnswer with(String member, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(body);
        more.put(member, value);
        return new ProblemAnswer(status, slug, more, headers);
    }

    /** @param acceptLanguage the header, or null */
    static ProblemAnswer of(Throwable failure, String acceptLanguage) {
        if (failure instanceof AuthRefusal refusal) {
            return new ProblemAnswer(
                    refusal.status(),
                    refusal.slug(),
                    refusal.body(),
                    refusal.retryAfter()
                            .map(after -> Map.of("Retry-After", after))
                            .orElse(Map.of()));
        }
        if (failure instanceof ProblemException problem) {
            return new ProblemAnswer(
                    problem.type().status(),
                    problem.type().slug(),
                    Problems.body(problem, Problems.language(acceptLanguage)),
                    problem.headers());
        }
        LOG.error("call failed unexpectedly", failure);
        return of(new ProblemException(RequestProblem.INTERNAL_ERROR), acceptLanguage);
    }

    /** Answers, and lets the rest of a body that nobody wants run out. */
    void send(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        head(response);
        boolean unread = Headers.announceBody(request.headers()) && !request.isEnded();
        // Whoever asked before sending may now send or not, and nobody could tell his body from his next request.
        boolean leaving = unread
                && (Headers.contentLength(request.headers()).orElse(Long.MAX_VALUE) > READ_OUT
                        || request.headers().contains(HttpHeaders.EXPECT));
        if (leaving) {
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        Buffer json = Buffer.buffer(EventCodec.bytes(body));
        if (HttpMethod.HEAD.equals(request.method())) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, String.valueOf(json.length()));
            response.end();
        } else {
            response.end(json);
        }
        if (unread) {
            request.handler(piece -> {});
            if (leaving) {
                hangUpAfterTheRest(request);
            }
            request.resume();
        }
    }

    /** Answers, and waits for nothing more that comes on that connection. */
    Future<Void> sendAndHangUp(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        head(response);
        return response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                .end(Buffer.buffer(EventCodec.bytes(body)))
                .eventually(() -> request.connection().close());
    }

    private void head(HttpServerResponse response) {
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, Problems.MEDIA_TYPE)
                .putHeader("X-M365-Problem", slug);
        headers.forEach(response::putHeader);
    }

    /** Whoever is still sending would lose the answer on a closed connection; who hardly sends is not waited for. */
    static void hangUpAfterTheRest(HttpServerRequest request) {
        if (request.isEnded()) {
            request.connection().close();
            return;
        }
        Vertx vertx = Vertx.currentContext().owner();
        AtomicLong before = new AtomicLong(request.bytesRead());
        long timer = vertx.setPeriodic(LINGER_MILLIS, id -> {
            long now = request.bytesRead();
            if (now - before.getAndSet(now) < Pace.LEAST) {
                vertx.cancelTimer(id);
                request.connection().close();
            }
        });
        request.endHandler(end -> {
            vertx.cancelTimer(timer);
            request.connection().close();
        });
    }
}
