package org.m365connector.graphproxy.forward;

import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.streams.Pipe;
import io.vertx.core.streams.ReadStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.graphproxy.access.GraphAddress;
import org.m365connector.graphproxy.account.ActingAccount;
import org.m365connector.graphproxy.token.AuthRefusal;
import org.m365connector.graphproxy.token.Token;
import org.m365connector.graphproxy.token.TokenCache;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/**
 * One admitted call on its way to Graph and back, on the event loop of its caller.
 *
 * <pre>
 *   body (if small) -> token -> request -> answer --401, once--> new token --if the body can be sent again--> request …
 *                                                  `--------------------------------------------> caller
 * </pre>
 *
 * A body, a token and a connection may have to be waited for. So the call is admitted anew after its body, before it asks for
 * another token, and in the moment in which it goes out: whoever has lost his right meanwhile is out.
 */
final class Exchange {

    private static final Logger LOG = Logger.getLogger(Exchange.class);

    /** Bodies up to this size are kept until the answer is there, so that they can be sent once more. */
    private static final long REPLAYABLE = 64 * 1024;

    private final Forwarder forwarder;
    private final HttpServerRequest in;
    private final HttpServerResponse out;
    private final GraphAddress address;
    private final GraphHost host;
    private final Supplier<Admission> admission;
    private final Links links;
    private final Context context;
    private final long startedAt = System.nanoTime();

    /** As last admitted. */
    private ActingAccount account;

    /** The whole body, where it is small; empty while it streams, and then it cannot be sent twice. */
    private Optional<Buffer> replayable = Optional.empty();

    /** What has been read of a body of unknown length that turned out not to be small. */
    private Buffer beginning = Buffer.buffer();

    private HttpClientRequest upstream;

    /** The body on its way, until Graph has it whole or does not want the rest. */
    private Optional<Pipe<Buffer>> upload = Optional.empty();

    private boolean graphAsked;

    /** Whether Graph may have seen something of the call and not said that it did not execute it. */
    private boolean sent;

    private boolean answerBegun;
    private boolean retried;
    private boolean askedOnceMore;
    private boolean over;

    /**
     * @param admitted what has just been found
     * @param admission finds it anew, or throws what the caller is refused with
     */
    Exchange(
            Forwarder forwarder,
            HttpServerRequest in,
            GraphAddress address,
            Admission admitted,
            Supplier<Admission> admission,
            Links links,
            Context context) {
        this.forwarder = forwarder;
        this.in = in;
        this.out = in.response();
        this.address = address;
        this.host = admitted.host();
        this.account = admitted.account();
        this.admission = admission;
        this.links = links;
        this.context = context;
    }

    void begin() {
        out.closeHandler(closed -> abandoned());
        guarded(this::takeBody);
    }

    private void takeBody() {
        if (!Headers.announceBody(in.headers())) {
            replayable = Optional.of(Buffer.buffer());
            askForToken();
        } else if (Headers.contentLength(in.headers()).orElse(0L) > REPLAYABLE) {
            in.pause();
            askForToken();
        } else {
            inviteBody();
            collectBody();
            in.resume();
        }
    }

    /** Until its end, or until it is too much to be kept. */
    private void collectBody() {
        in.handler(piece -> {
            beginning.appendBuffer(piece);
            if (beginning.length() > REPLAYABLE) {
                in.pause();
                in.handler(null);
                in.endHandler(null);
                guarded(this::bodyTaken);
            }
        });
        in.endHandler(end -> {
            replayable = Optional.of(beginning);
            guarded(this::bodyTaken);
        });
    }

    private void bodyTaken() {
        if (admitAgain()) {
            askForToken();
        }
    }

    /** @return whether the call may go on; if not, its caller has his answer */
    private boolean admitAgain() {
        Admission now;
        try {
            now = admission.get();
            if (!now.host().equals(host)) {
                // Another cloud since: its tokens are not for this host.
                throw new ProblemException(RequestProblem.UNAVAILABLE).withHeader("Retry-After", "1");
            }
        } catch (ProblemException refusal) {
            fail(refusal);
            return false;
        }
        account = now.account();
        return true;
    }

    private void askForToken() {
        ActingAccount asked = account;
        forwarder.tokens().token(asked, language()).onComplete(here(token -> send(asked, token)));
    }

    /** @param asked whose token it is */
    private void send(ActingAccount asked, AsyncResult<Token> token) {
        if (over) {
            return;
        }
        if (token.failed()) {
            failWithoutToken(token.cause());
            return;
        }
        RequestOptions options = new RequestOptions()
                .setMethod(in.method())
                .setHost(host.host())
                .setPort(host.port())
                .setSsl(host.tls())
                .setURI(address.target().orElseThrow())
                .setConnectTimeout(forwarder.connectTimeout().toMillis());
        forwarder.proxyFor(host).ifPresent(options::setProxyOptions);
        forwarder.client().request(options).onComplete(here(request -> {
            if (request.failed()) {
                graphAsked = true;
                fail(request.cause());
            } else if (over) {
                request.result().reset();
            } else {
                sendIfStillAdmitted(asked, token.result(), request.result());
            }
        }));
    }

    private void sendIfStillAdmitted(ActingAccount asked, Token token, HttpClientRequest request) {
        // What goes wrong is told by the future of the answer, and once the call is over by nobody.
        request.exceptionHandler(failure -> {});
        if (!admitAgain()) {
            request.reset();
        } else if (!account.id().equals(asked.id())) {
            // Another account acts since, and this is not its token.
            request.reset();
            askForToken();
        } else if (!account.accepts(token.generation())) {
            request.reset();
            askOnceMore();
        } else {
            send(request, token);
        }
    }

    /** The right is what it was, only the token is one of before. */
    private void askOnceMore() {
        if (askedOnceMore) {
            fail(TokenCache.outdated());
        } else {
            askedOnceMore = true;
            askForToken();
        }
    }

    private void send(HttpClientRequest request, Token token) {
        upstream = request;
        graphAsked = true;
        Headers.toGraph(in.headers(), request.headers());
        request.putHeader(HttpHeaders.AUTHORIZATION, "Bearer " + token.value());
        // Links can be rewritten in plain text only.
        request.putHeader(HttpHeaders.ACCEPT_ENCODING, HttpHeaders.IDENTITY);
        String length = in.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length != null) {
            request.putHeader(HttpHeaders.CONTENT_LENGTH, length);
        }
        sent = true;
        answerBegun = false;
        request.response().onComplete(here(answer -> answered(answer, token)));
        if (replayable.isPresent()) {
            request.idleTimeout(forwarder.answerTimeout().toMillis());
            if (replayable.get().length() == 0) {
                request.end();
            } else {
                request.end(replayable.get());
            }
        } else {
            stream(request);
        }
    }

    private void stream(HttpClientRequest request) {
        if (in.getHeader(HttpHeaders.CONTENT_LENGTH) == null) {
            request.setChunked(true);
        }
        if (beginning.length() > 0) {
            request.write(beginning);
            beginning = Buffer.buffer();
        } else {
            inviteBody();
        }
        // An upload that was cut must not look complete to Graph, so a failure resets instead of ending.
        Pipe<Buffer> pipe = in.pipe().endOnFailure(false);
        upload = Optional.of(pipe);
        pipe.to(request).onComplete(here(passed -> {
            if (passed.succeeded()) {
                upload = Optional.empty();
                if (!answerBegun) {
                    request.idleTimeout(forwarder.answerTimeout().toMillis());
                }
            } else if (!answerBegun) {
                request.reset();
            } else if (upload.isPresent()) {
                // Graph has answered and hung up: its answer is what counts.
                stopUpload();
            }
        }));
    }

    /** Graph does not want the rest. It is read to its end, because many a caller reads no answer before all is sent. */
    private void stopUpload() {
        Optional<Pipe<Buffer>> stopped = upload;
        upload = Optional.empty();
        stopped.ifPresent(pipe -> {
            pipe.close();
            if (!in.isEnded()) {
                in.handler(piece -> {});
                in.endHandler(null);
                in.resume();
            }
        });
    }

    private void answered(AsyncResult<HttpClientResponse> answer, Token token) {
        answerBegun = true;
        if (over) {
            return;
        }
        if (answer.failed()) {
            fail(answer.cause());
        } else if (answer.result().statusCode() == 401) {
            refused(answer.result(), token);
        } else {
            relay(answer.result());
        }
    }

    /** Graph does not take the token. What it says of that is between Graph and us. */
    private void refused(HttpClientResponse response, Token token) {
        Optional<String> claims = Challenge.claims(response.headers().getAll("WWW-Authenticate"));
        LOG.debugf(
                "graph refused a token portal=%s registration=%s account=%s claims=%s request-id=%s",
                account.portal(),
                account.registration(),
                account.id(),
                claims.isPresent(),
                response.getHeader("request-id"));
        // It says that it did not execute the call.
        sent = false;
        // The body runs out unread, so that the connection can be used again.
        response.exceptionHandler(failure -> {});
        String requestId = response.getHeader("request-id");
        ProblemException problem = withRequestId(new ProblemException(ProxyProblem.GRAPH_TOKEN_REFUSED), requestId);
        if (retried) {
            fail(problem);
            return;
        }
        retried = true;
        if (!admitAgain()) {
            return;
        }
        ActingAccount asked = account;
        forwarder.tokens().replacement(asked, token, claims, language()).onComplete(here(renewed -> {
            if (over) {
                return;
            }
            if (renewed.failed()) {
                failWithoutToken(renewed.cause());
            } else if (renewed.result().value().equals(token.value())) {
                fail(problem);
            } else if (replayable.isPresent()) {
                send(asked, renewed);
            } else {
                fail(withRequestId(new ProblemException(ProxyProblem.TOKEN_RENEWED), requestId)
                        .withHeader("Retry-After", "1"));
            }
        }));
    }

    private static ProblemException withRequestId(ProblemException problem, String requestId) {
        return requestId == null ? problem : problem.with("graphRequestId", requestId);
    }

    private void relay(HttpClientResponse response) {
        response.exceptionHandler(failure -> {});
        boolean bodyless =
                HttpMethod.HEAD.equals(in.method()) || response.statusCode() == 204 || response.statusCode() == 304;
        boolean rewritten = !bodyless && Headers.isJson(response.headers()) && !isRawContent();
        if (rewritten && Headers.isEncoded(response.headers())) {
            // Its links would lead the caller, and his key, past us.
            upstream.reset();
            fail(new ProblemException(ProxyProblem.GRAPH_ANSWER_ENCODED));
            return;
        }
        out.setStatusCode(response.statusCode());
        Headers.toCaller(response.headers(), out.headers(), links);
        boolean early = upload.isPresent() && response.statusCode() >= 400;
        if (early) {
            out.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            stopUpload();
        }
        if (bodyless) {
            out.end();
            relayed(response, early);
            return;
        }
        ReadStream<Buffer> body = response;
        if (rewritten) {
            out.headers().remove(HttpHeaders.CONTENT_LENGTH);
            body = new RewritingStream(response, new LinkRewriter(links));
        }
        if (!out.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
            out.setChunked(true);
        }
        body.pipe().endOnFailure(false).to(out).onComplete(here(passed -> {
            if (passed.succeeded()) {
                relayed(response, early);
            } else {
                cut(response, passed.cause());
            }
        }));
    }

    /** @param early before Graph had the whole request */
    private void relayed(HttpClientResponse response, boolean early) {
        if (over) {
            return;
        }
        over(Calls.Outcome.ANSWERED, statusClass(response));
        if (early) {
            upstream.reset();
            closeWhenRead();
        }
    }

    /** Not before the caller has sent all: the answer would be lost on its way to somebody who is still sending. */
    private void closeWhenRead() {
        if (in.isEnded()) {
            in.connection().close();
        } else {
            in.endHandler(end -> in.connection().close());
        }
    }

    /** Too late for a problem: a closed connection is the only way left to say that this is not the whole answer. */
    private void cut(HttpClientResponse response, Throwable cause) {
        if (over) {
            return;
        }
        LOG.debugf("answer cut cause=%s", cause.getClass().getSimpleName());
        over(Calls.Outcome.FAILED, "cut");
        response.exceptionHandler(failure -> {});
        upstream.reset();
        out.reset();
    }

    private void fail(Throwable failure) {
        if (over) {
            return;
        }
        Throwable named = named(failure);
        String language = in.getHeader(HttpHeaders.ACCEPT_LANGUAGE);
        ProblemAnswer answer = sent ? ProblemAnswer.of(named, language) : ProblemAnswer.unsent(named, language);
        if (named instanceof AuthRefusal) {
            // Whose sign-in or consent is missing: the caller may have named no account.
            answer = answer.with("accountId", account.id().value());
        }
        over(graphAsked ? Calls.Outcome.FAILED : Calls.Outcome.REFUSED, answer.slug());
        if (upstream != null && replayable.isEmpty()) {
            // The rest of the body need not be sent to somebody who does not want it.
            stopUpload();
            upstream.reset();
        }
        if (out.headWritten()) {
            out.reset();
        } else {
            answer.send(in);
        }
    }

    /** Whatever is no answer of auth-service's is a mistake of ours, and none of Graph's. */
    private void failWithoutToken(Throwable cause) {
        if (cause instanceof ProblemException || cause instanceof AuthRefusal) {
            fail(cause);
        } else {
            failInternally(cause);
        }
    }

    private void failInternally(Throwable cause) {
        LOG.error("call failed unexpectedly", cause);
        fail(new ProblemException(RequestProblem.INTERNAL_ERROR));
    }

    /** A step that breaks must not leave its caller waiting. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            failInternally(e);
        }
    }

    /** The caller has gone: nobody waits for Graph any more. */
    private void abandoned() {
        if (over) {
            return;
        }
        over(Calls.Outcome.ABANDONED, "caller");
        if (upstream != null) {
            upstream.reset();
        }
    }

    private void over(Calls.Outcome outcome, String detail) {
        over = true;
        Duration duration = Duration.ofNanos(System.nanoTime() - startedAt);
        forwarder.calls().ended(outcome, detail, account.id().loginMode().name().toLowerCase(Locale.ROOT), duration);
        if (LOG.isDebugEnabled()) {
            LOG.debugf(
                    "graph call outcome=%s detail=%s method=%s path=%s portal=%s registration=%s account=%s ms=%d",
                    outcome,
                    detail,
                    in.method(),
                    address.targetPath(),
                    account.portal(),
                    account.registration(),
                    account.id(),
                    duration.toMillis());
        }
    }

    private static Throwable named(Throwable failure) {
        if (failure instanceof ProblemException || failure instanceof AuthRefusal) {
            return failure;
        }
        if (failure instanceof TimeoutException || failure instanceof ConnectTimeoutException) {
            return new ProblemException(ProxyProblem.GRAPH_TIMEOUT).causedBy(failure);
        }
        if (failure instanceof ConnectionPoolTooBusyException) {
            return new ProblemException(ProxyProblem.TOO_MANY_CALLS)
                    .withHeader("Retry-After", "1")
                    .causedBy(failure);
        }
        LOG.warnf("graph cannot be reached cause=%s", failure.getClass().getSimpleName());
        return new ProblemException(ProxyProblem.GRAPH_UNREACHABLE).causedBy(failure);
    }

    /** A client that asked first sends its body only now. */
    private void inviteBody() {
        if ("100-continue".equalsIgnoreCase(in.getHeader(HttpHeaders.EXPECT))) {
            out.writeContinue();
        }
    }

    /** What somebody stored, which may be JSON and is none of our business. */
    private boolean isRawContent() {
        String path = address.targetPath();
        return path.endsWith("/$value") || path.endsWith("/content");
    }

    private Optional<String> language() {
        return Optional.ofNullable(in.getHeader(HttpHeaders.ACCEPT_LANGUAGE));
    }

    private static String statusClass(HttpClientResponse response) {
        return response.statusCode() / 100 + "xx";
    }

    /** A token may be waited for together with callers on other event loops, and comes on any of them. */
    private <T> Handler<AsyncResult<T>> here(Handler<AsyncResult<T>> handler) {
        return result -> {
            if (Vertx.currentContext() == context) {
                guarded(() -> handler.handle(result));
            } else {
                context.runOnContext(hopped -> guarded(() -> handler.handle(result)));
            }
        };
    }
}
