package org.m365connector.graphproxy.forward;

import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.m365connector.capability.Operation;
import org.m365connector.graphproxy.account.ActingAccount;
import org.m365connector.graphproxy.throttle.Permit;
import org.m365connector.graphproxy.token.Token;
import org.m365connector.graphproxy.token.TokenCache;
import org.m365connector.problem.ProblemException;

/** What an attempt needs before it can go out: a token, a permit, a connection, and after all that still the right. */
final class Approach {

    /** Whose call it is. */
    interface Caller {
        /** Whether nobody waits any more. */
        boolean over();

        /** Everything is there. */
        void send(Attempt attempt, Token token);

        /** Told instead, and once. */
        void fail(Throwable why);

        /** Graph could not even be reached. */
        void failAtGraph(Throwable why);
    }

    private static final Duration LONGEST_LEFT = Duration.ofSeconds(30);

    private final Forwarder forwarder;
    private final HttpServerRequest in;
    private final String target;
    private final Operation operation;
    private final Gate gate;
    private final Loop loop;
    private final Caller caller;
    private Optional<Permit> permit = Optional.empty();
    private boolean askedOnceMore;

    /** Nothing has had to be waited for since the gate was passed: it would say the same in the same moment. */
    private boolean straight;

    /** @param target path and query at Graph */
    Approach(
            Forwarder forwarder,
            HttpServerRequest in,
            String target,
            Operation operation,
            Gate gate,
            Loop loop,
            Caller caller) {
        this.forwarder = forwarder;
        this.in = in;
        this.target = target;
        this.operation = operation;
        this.gate = gate;
        this.loop = loop;
        this.caller = caller;
    }

    /** To be called by whoever has just passed the gate. */
    void begin(HttpClient client) {
        straight = true;
        try {
            askForToken(client);
        } finally {
            straight = false;
        }
    }

    private void askForToken(HttpClient client) {
        ActingAccount asked = gate.account();
        forwarder.tokens().token(asked, language()).onComplete(loop.here(token -> {
            if (token.succeeded()) {
                askForPermit(asked, token.result(), client);
            } else {
                caller.fail(token.cause());
            }
        }));
    }

    /**
     * After Graph has refused a token.
     *
     * @param claims what it demands besides, as JSON text
     * @param renewed told of another token, or the same where there is none to be had
     */
    void askForAnother(Token refused, Optional<String> claims, Consumer<Token> renewed) {
        forwarder
                .tokens()
                .replacement(gate.account(), refused, claims, language())
                .onComplete(loop.here(token -> {
                    if (token.succeeded()) {
                        renewed.accept(token.result());
                    } else {
                        caller.fail(token.cause());
                    }
                }));
    }

    /** @param asked whose token it is */
    void askForPermit(ActingAccount asked, Token token, HttpClient client) {
        if (caller.over()) {
            return;
        }
        giveBackPermit();
        forwarder
                .throttling()
                .ask(gate.admitted(), token, operation, gate.batch())
                .onComplete(loop.here(given -> {
                    if (given.failed()) {
                        caller.fail(given.cause());
                    } else if (caller.over()) {
                        given.result().ifPresent(Permit::release);
                    } else {
                        permit = given.result();
                        connect(asked, token, client);
                    }
                }));
    }

    private void connect(ActingAccount asked, Token token, HttpClient client) {
        GraphHost host = gate.admitted().host();
        Attempt.connect(forwarder, client, in, host, target, loop.here(connected -> {
            if (connected.failed()) {
                caller.failAtGraph(connected.cause());
            } else if (caller.over()) {
                connected.result().reset();
            } else {
                sendIfStillAdmitted(asked, token, connected.result(), client);
            }
        }));
    }

    private void sendIfStillAdmitted(ActingAccount asked, Token token, Attempt attempt, HttpClient client) {
        try {
            if (!straight) {
                gate.pass();
            }
        } catch (ProblemException refusal) {
            attempt.reset();
            caller.fail(refusal);
            return;
        }
        if (!gate.account().id().equals(asked.id())) {
            // Another account acts since, and this is not its token.
            attempt.reset();
            askForToken(client);
        } else if (!gate.account().accepts(token.generation())) {
            attempt.reset();
            askOnceMore(client);
        } else {
            switch (permit.map(Permit::begin).orElse(Permit.Going.NOW)) {
                case NOW -> caller.send(attempt, token);
                case TOO_LATE -> askForAnotherTurn(asked, token, attempt, client);
                case CLOSED -> {
                    attempt.reset();
                    askForPermit(asked, token, client);
                }
            }
        }
    }

    /** The connection is kept meanwhile, so that nothing else has to be waited for after it. */
    private void askForAnotherTurn(ActingAccount asked, Token token, Attempt attempt, HttpClient client) {
        straight = false;
        Permit late = permit.orElseThrow();
        permit = Optional.empty();
        late.another().onComplete(loop.here(given -> {
            if (given.failed()) {
                attempt.reset();
                caller.fail(given.cause());
            } else if (caller.over()) {
                attempt.reset();
                given.result().release();
            } else {
                permit = Optional.of(given.result());
                sendIfStillAdmitted(asked, token, attempt, client);
            }
        }));
    }

    /** The right is what it was, only the token is one of before. */
    private void askOnceMore(HttpClient client) {
        if (askedOnceMore) {
            caller.fail(TokenCache.outdated());
        } else {
            askedOnceMore = true;
            askForToken(client);
        }
    }

    Optional<Permit> permit() {
        return permit;
    }

    void giveBackPermit() {
        permit.ifPresent(Permit::release);
        permit = Optional.empty();
    }

    /**
     * For a request that Graph may still be at work on, though nobody waits for it: it counts among those of its mailbox until it is
     * done. When that is nobody says; so what it held is held as long again as it has been held, within bounds.
     */
    void giveBackPermitAfter(Duration atWork) {
        if (permit.isEmpty() || atWork.isZero()) {
            giveBackPermit();
            return;
        }
        Permit left = permit.get();
        permit = Optional.empty();
        loop.afterwards(Math.max(1, Math.min(LONGEST_LEFT.toMillis(), atWork.toMillis())), left::release);
    }

    private Optional<String> language() {
        return Optional.ofNullable(in.getHeader(HttpHeaders.ACCEPT_LANGUAGE));
    }
}
