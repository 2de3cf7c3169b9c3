package org.m365connector.graphproxy.forward;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.m365connector.capability.Operation;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.graphproxy.access.GraphAddress;
import org.m365connector.graphproxy.account.ActingAccount;
import org.m365connector.graphproxy.throttle.Permit;
import org.m365connector.graphproxy.throttle.RetryAfter;
import org.m365connector.graphproxy.token.AuthRefusal;
import org.m365connector.graphproxy.token.Token;
import org.m365connector.graphproxy.token.TokenCache;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/**
 * One admitted call on its way to Graph and back, on the event loop of its caller.
 *
 * <pre>
 *   body (if small) -> token -> permit -> request -> answer --401, once--> new token -.
 *                        ^                              |---503, 504, twice--> pause --|--if it can be sent again--.
 *                        |                              `--> caller                                                |
 *                        `-----------------------------------------------------------------------------------------'
 * </pre>
 *
 * A body, a token, a permit and a connection may have to be waited for. So the call is admitted anew after its body, before it
 * asks for another token, and in the moment in which it goes out: whoever has lost his right meanwhile is out.
 */
final class Exchange {

    private static final Logger LOG = Logger.getLogger(Exchange.class);

    /** Bodies up to this size are kept until the answer is there, so that they can be sent once more. */
    private static final long REPLAYABLE = 64 * 1024;

    private final Forwarder forwarder;
    private final HttpServerRequest in;
    private final HttpServerResponse out;
    private final GraphAddress address;
    private final Operation operation;
    private final GraphHost host;
    private final Function<Consumer<Batch.Check>, Admission> admission;
    private final Links links;
    private final Context context;
    private final RequestBody body;
    private final boolean isBatch;
    private final Ending ending;

    /** As last found. */
    private Admission admitted;

    /** What is inside, where it is a batch and has been read. */
    private Optional<Batch> batch = Optional.empty();

    private Optional<Permit> permit = Optional.empty();
    private String clientRequestId;
    private HttpClientRequest upstream;
    private boolean graphAsked;

    /** Whether Graph may have seen something of the call and not said that it did not execute it. */
    private boolean sent;

    private boolean answerBegun;
    private boolean tokenReplaced;
    private boolean askedOnceMore;
    private boolean heldUp;
    private int retries;
    private boolean over;

    /** What Graph said last: for the audit, and for the caller of a call that fails after all. */
    private int status;

    private String graphRequestId;

    /**
     * @param admitted what has just been found
     * @param admission finds it anew, or throws what the caller is refused with; it is handed what checks the operations inside
     */
    Exchange(
            Forwarder forwarder,
            HttpServerRequest in,
            GraphAddress address,
            Operation operation,
            Admission admitted,
            Function<Consumer<Batch.Check>, Admission> admission,
            Links links,
            Context context) {
        this.forwarder = forwarder;
        this.in = in;
        this.out = in.response();
        this.address = address;
        this.operation = operation;
        this.host = admitted.host();
        this.admitted = admitted;
        this.admission = admission;
        this.links = links;
        this.context = context;
        isBatch = Batch.isBatch(operation);
        ending = new Ending(forwarder, in, address, operation);
        body = new RequestBody(in, isBatch ? Batch.LONGEST : REPLAYABLE);
    }

    void begin() {
        out.closeHandler(closed -> abandoned());
        guarded(() -> body.take(
                this::bodyThere,
                () -> guarded(() -> {
                    if (admitAgain()) {
                        bodyThere();
                    }
                })));
    }

    private void bodyThere() {
        if (over) {
            return;
        }
        if (isBatch && batch.isEmpty()) {
            try {
                Buffer whole = body.whole().orElseThrow(() -> new ProblemException(ProxyProblem.BATCH_TOO_LARGE));
                String path = address.targetPath();
                batch = Optional.of(Batch.parse(whole, in.headers(), path.substring(0, path.indexOf('/', 1))));
            } catch (ProblemException refusal) {
                fail(refusal);
                return;
            }
            if (!admitAgain()) {
                return;
            }
        }
        askForToken();
    }

    /** @return whether the call may go on; if not, its caller has his answer */
    private boolean admitAgain() {
        Admission now;
        try {
            now = admission.apply(check -> batch.ifPresent(inside -> inside.check(check)));
            if (!now.host().equals(host)) {
                // Another cloud since: its tokens are not for this host.
                throw new ProblemException(RequestProblem.UNAVAILABLE).withHeader("Retry-After", "1");
            }
        } catch (ProblemException refusal) {
            fail(refusal);
            return false;
        }
        admitted = now;
        return true;
    }

    private void askForToken() {
        ActingAccount asked = account();
        Future<Token> token = forwarder.tokens().token(asked, language());
        token.onComplete(here(had -> {
            if (over) {
                return;
            }
            if (had.failed()) {
                failWithoutToken(had.cause());
            } else {
                askForPermit(asked, had.result(), forwarder.client());
            }
        }));
    }

    /** @param asked whose token it is */
    private void askForPermit(ActingAccount asked, Token token, HttpClient client) {
        giveBackPermit();
        forwarder.throttling().ask(admitted, token, operation, batch).onComplete(here(given -> {
            if (given.failed()) {
                fail(given.cause());
            } else if (over) {
                given.result().ifPresent(Permit::release);
            } else {
                permit = given.result();
                connect(asked, token, client);
            }
        }));
    }

    private void connect(ActingAccount asked, Token token, HttpClient client) {
        RequestOptions options = new RequestOptions()
                .setMethod(in.method())
                .setHost(host.host())
                .setPort(host.port())
                .setSsl(host.tls())
                .setURI(address.target().orElseThrow())
                .setConnectTimeout(forwarder.connectTimeout().toMillis());
        forwarder.proxyFor(host).ifPresent(options::setProxyOptions);
        client.request(options).onComplete(here(request -> {
            if (request.failed()) {
                graphAsked = true;
                fail(request.cause());
            } else if (over) {
                request.result().reset();
            } else {
                sendIfStillAdmitted(asked, token, request.result(), client);
            }
        }));
    }

    private void sendIfStillAdmitted(ActingAccount asked, Token token, HttpClientRequest request, HttpClient client) {
        // What goes wrong is told by the future of the answer, and once the call is over by nobody.
        request.exceptionHandler(failure -> {});
        if (!admitAgain()) {
            request.reset();
        } else if (!account().id().equals(asked.id())) {
            // Another account acts since, and this is not its token.
            request.reset();
            askForToken();
        } else if (!account().accepts(token.generation())) {
            request.reset();
            askOnceMore();
        } else if (permit.isPresent() && !permit.get().begin(heldUp)) {
            // Somebody was told to stay away while we waited for a connection, or our turn is over.
            heldUp = true;
            request.reset();
            askForPermit(asked, token, client);
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
        clientRequestId = Headers.toGraph(in.headers(), request.headers(), clientRequestId);
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
        Optional<Buffer> whole = body.whole();
        if (whole.isEmpty()) {
            body.stream(request, here(passed -> streamed(request, passed)));
            return;
        }
        request.idleTimeout(forwarder.answerTimeout().toMillis());
        if (whole.get().length() == 0) {
            request.end();
        } else {
            request.end(whole.get());
        }
    }

    private void streamed(HttpClientRequest request, AsyncResult<Void> passed) {
        if (passed.succeeded()) {
            if (!answerBegun) {
                request.idleTimeout(forwarder.answerTimeout().toMillis());
            }
        } else if (!answerBegun) {
            request.reset();
        } else {
            // Graph has answered and hung up: its answer is what counts.
            body.stop();
        }
    }

    private void answered(AsyncResult<HttpClientResponse> answer, Token token) {
        answerBegun = true;
        if (over) {
            return;
        }
        if (answer.failed()) {
            fail(answer.cause());
            return;
        }
        HttpClientResponse response = answer.result();
        status = response.statusCode();
        graphRequestId = response.getHeader("request-id");
        if (status == 401) {
            refused(response, token);
        } else if (body.whole().isPresent() && Retries.worthwhile(in.method(), response, retries)) {
            retryLater(response);
        } else {
            relay(response);
        }
    }

    /** Graph does not take the token. What it says of that is between Graph and us. */
    private void refused(HttpClientResponse response, Token token) {
        Optional<String> claims = Challenge.claims(response.headers().getAll("WWW-Authenticate"));
        LOG.debugf(
                "graph refused a token portal=%s registration=%s account=%s claims=%s request-id=%s",
                account().portal(), account().registration(), account().id(), claims.isPresent(), graphRequestId);
        // It says that it did not execute the call.
        sent = false;
        giveBackPermit();
        // The body runs out unread, so that the connection can be used again.
        response.exceptionHandler(failure -> {});
        ProblemException problem = new ProblemException(ProxyProblem.GRAPH_TOKEN_REFUSED);
        if (tokenReplaced) {
            fail(problem);
            return;
        }
        tokenReplaced = true;
        if (!admitAgain()) {
            return;
        }
        ActingAccount asked = account();
        forwarder.tokens().replacement(asked, token, claims, language()).onComplete(here(renewed -> {
            if (over) {
                return;
            }
            if (renewed.failed()) {
                failWithoutToken(renewed.cause());
            } else if (renewed.result().value().equals(token.value())) {
                fail(problem);
            } else if (body.whole().isPresent()) {
                askForPermit(asked, renewed.result(), forwarder.client());
            } else {
                fail(new ProblemException(ProxyProblem.TOKEN_RENEWED).withHeader("Retry-After", "1"));
            }
        }));
    }

    private void retryLater(HttpClientResponse response) {
        retries++;
        // Graph asks for another connection then: this one leads to a machine that is not well.
        response.exceptionHandler(failure -> {});
        upstream.connection().close();
        giveBackPermit();
        context.owner().setTimer(Retries.pauseMillis(retries), timer -> here((AsyncResult<Void> waited) -> {
                    if (!over && admitAgain()) {
                        ActingAccount asked = account();
                        forwarder.tokens().token(asked, language()).onComplete(here(token -> sendAgain(asked, token)));
                    }
                })
                .handle(Future.succeededFuture()));
    }

    private void sendAgain(ActingAccount asked, AsyncResult<Token> token) {
        if (over) {
            return;
        }
        if (token.failed()) {
            failWithoutToken(token.cause());
        } else {
            askForPermit(asked, token.result(), forwarder.freshConnections());
        }
    }

    private void relay(HttpClientResponse response) {
        response.exceptionHandler(failure -> {});
        Relay relay = new Relay(in, response, links, address.targetPath());
        if (relay.unreadable()) {
            upstream.reset();
            fail(new ProblemException(ProxyProblem.GRAPH_ANSWER_ENCODED));
            return;
        }
        boolean early = body.underWay() && status >= 400;
        if (early) {
            body.stop();
        }
        Optional<Consumer<Buffer>> witness = batch.filter(inside -> status == 200)
                .map(inside -> new BatchAnswer((id, retryAfter) -> permit.ifPresent(given -> given.throttled(
                        inside.indexOf(id),
                        RetryAfter.parse(retryAfter, forwarder.throttling().now())))));
        relay.pass(early, learned(response), witness, here(passed -> {
            if (passed.succeeded()) {
                relayed(relay, early);
            } else {
                cut(response, passed.cause());
            }
        }));
    }

    /**
     * What a 429 teaches, or a 503 that says for how long.
     *
     * @return Retry-After for the caller, where Graph's own says nothing or is no whole number of seconds
     */
    private Optional<String> learned(HttpClientResponse response) {
        String said = response.getHeader("Retry-After");
        if (permit.isEmpty() || (status != 429 && (status != 503 || said == null))) {
            return Optional.empty();
        }
        Optional<Duration> retryAfter =
                RetryAfter.parse(said, forwarder.throttling().now());
        Duration closed = permit.get().throttled(0, retryAfter);
        boolean plain = said != null && said.chars().allMatch(Character::isDigit);
        return plain ? Optional.empty() : Optional.of(RetryAfter.seconds(closed));
    }

    /** @param early before Graph had the whole request */
    private void relayed(Relay relay, boolean early) {
        if (over) {
            return;
        }
        over(Calls.Outcome.ANSWERED, status / 100 + "xx");
        if (early) {
            upstream.reset();
            relay.closeWhenRead();
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
        Throwable named = Failures.named(failure);
        String language = in.getHeader(HttpHeaders.ACCEPT_LANGUAGE);
        ProblemAnswer answer = sent ? ProblemAnswer.of(named, language) : ProblemAnswer.unsent(named, language);
        if (named instanceof AuthRefusal) {
            // Whose sign-in or consent is missing: the caller may have named no account.
            answer = answer.with("accountId", account().id().value());
        }
        if (graphRequestId != null) {
            answer = answer.with("graphRequestId", graphRequestId);
        }
        if (clientRequestId != null) {
            answer = answer.with("clientRequestId", clientRequestId);
        }
        status = answer.status();
        over(graphAsked ? Calls.Outcome.FAILED : Calls.Outcome.REFUSED, answer.slug());
        if (upstream != null && body.whole().isEmpty()) {
            // The rest of the body need not be sent to somebody who does not want it.
            body.stop();
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
        giveBackPermit();
        ending.ended(outcome, detail, admitted, batch, status, body.length(), graphRequestId, clientRequestId);
    }

    private void giveBackPermit() {
        permit.ifPresent(Permit::release);
        permit = Optional.empty();
    }

    private ActingAccount account() {
        return admitted.account();
    }

    private Optional<String> language() {
        return Optional.ofNullable(in.getHeader(HttpHeaders.ACCEPT_LANGUAGE));
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
