package org.m365connector.graphproxy.forward;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.m365connector.access.AccessKeys;
import org.m365connector.access.Caller;
import org.m365connector.capability.Capabilities;
import org.m365connector.capability.Operation;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.graphproxy.access.AccessCheck;
import org.m365connector.graphproxy.access.GraphAddress;
import org.m365connector.graphproxy.account.ActingAccount;
import org.m365connector.graphproxy.account.OperationCheck;
import org.m365connector.graphproxy.account.ResolvedAccounts;
import org.m365connector.graphproxy.throttle.Lane;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/**
 * Everything below {@code /graph/}: address, key, registration, account, capability, narrowing, in this order; then Graph. Runs on the
 * event loop and never blocks it.
 */
final class GraphRoute implements Handler<RoutingContext> {

    private static final Set<HttpMethod> METHODS = Set.of(
            HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE);

    private static final String PORTAL_USER = "X-Portal-User";

    private final BooleanSupplier ready;
    private final AccessKeys keys;
    private final AccessCheck access;
    private final ResolvedAccounts accounts;
    private final OperationCheck operations;
    private final GraphHosts hosts;
    private final Forwarder forwarder;
    private final RefusedCalls refused;

    /** Connections that are about to be closed without anything more being read. */
    private final Set<HttpConnection> leaving = ConcurrentHashMap.newKeySet();

    private final String proxyUrl;
    private final Buffer capabilitiesJson;

    /**
     * @param ready whether the views are complete
     * @param proxyUrl base of the links in answers, without trailing slash
     */
    GraphRoute(
            BooleanSupplier ready,
            AccessKeys keys,
            AccessCheck access,
            ResolvedAccounts accounts,
            Capabilities capabilities,
            GraphHosts hosts,
            Forwarder forwarder,
            String proxyUrl) {
        this.ready = ready;
        this.keys = keys;
        this.access = access;
        this.accounts = accounts;
        this.operations = new OperationCheck(capabilities);
        this.hosts = hosts;
        this.forwarder = forwarder;
        this.refused = new RefusedCalls(forwarder.calls(), forwarder.audit());
        this.proxyUrl = proxyUrl;
        this.capabilitiesJson = Buffer.buffer(EventCodec.bytes(capabilities.describe()));
    }

    @Override
    public void handle(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        if (!GraphAddress.isMeant(request.uri())) {
            routing.next();
            return;
        }
        if (!leaving.isEmpty() && leaving.contains(request.connection())) {
            // What stands behind a request that can be read in two ways is no request.
            return;
        }
        long startedAt = System.nanoTime();
        if (!Headers.announceBody(request.headers())) {
            // Quarkus hands requests over paused; this one has nothing to wait for.
            request.resume();
        }
        Inquiry found = new Inquiry();
        Optional<GraphAddress> address = Optional.empty();
        try {
            requireOneFraming(request);
            address = Optional.of(GraphAddress.parse(request.uri()));
            handle(request, address.get(), found);
        } catch (RuntimeException refusal) {
            ProblemAnswer answer = ProblemAnswer.unsent(refusal, request.getHeader(HttpHeaders.ACCEPT_LANGUAGE))
                    .calledBy(request.getHeader(Headers.CLIENT_REQUEST_ID));
            if (address.isEmpty()) {
                identify(request, found);
            }
            refused.add(request, address, found, answer, Duration.ofNanos(System.nanoTime() - startedAt));
            if (leaving.contains(request.connection())) {
                answer.sendAndHangUp(request).onComplete(gone -> leaving.remove(request.connection()));
            } else {
                answer.send(request);
            }
        }
    }

    private void requireOneFraming(HttpServerRequest request) {
        if (Headers.areFramedOddly(request)) {
            leaving.add(request.connection());
            throw new ProblemException(RequestProblem.INVALID_REQUEST).with("header", "Transfer-Encoding");
        }
    }

    /** Of an address that cannot be read: who sent it all the same. */
    private void identify(HttpServerRequest request, Inquiry found) {
        if (ready.getAsBoolean()) {
            found.isFrom(caller(request));
        }
        found.isFor(userOfHeader(request));
    }

    private void handle(HttpServerRequest request, GraphAddress address, Inquiry found) {
        found.isFor(address.portalUser().or(() -> userOfHeader(request)));
        if (!METHODS.contains(request.method())) {
            throw new ProblemException(RequestProblem.METHOD_NOT_ALLOWED)
                    .withHeader("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE");
        }
        if (address.target().isEmpty()) {
            access.admitReader(caller(request), address.portal());
            tellCapabilities(request);
            return;
        }
        Operation operation = Operation.of(request.method().name(), address.targetPath());
        Admission admission = admit(request, address, operation, nothingInside -> {}, found);
        Links links = new Links(admission.host().origin(), base(request, address, admission, found.caller()));
        Gate gate = new Gate(admission, inside -> admit(request, address, operation, inside, found));
        new Exchange(forwarder, request, address, operation, gate, links, Vertx.currentContext()).begin();
    }

    /**
     * With which links in answers begin. Services may have Graph's own, to be kept whatever this proxy is called tomorrow; portals and their
     * clients would follow them past us, with their key.
     */
    private String base(HttpServerRequest request, GraphAddress address, Admission admission, Caller caller) {
        boolean own = caller instanceof Caller.Service && "graph".equals(request.getHeader("X-M365-Links"));
        return own ? admission.host().origin() : proxyUrl + address.base();
    }

    /** What is no name is refused elsewhere. */
    private static Optional<PortalUser> userOfHeader(HttpServerRequest request) {
        try {
            return Optional.ofNullable(request.getHeader(PORTAL_USER)).map(PortalUser::new);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * Looks into memory only, so that it can be asked again before each step that may have taken a while.
     *
     * @param inside is handed the check that the operations inside a batch have to pass like this one
     * @param found filled on the way
     */
    private Admission admit(
            HttpServerRequest request,
            GraphAddress address,
            Operation operation,
            Consumer<Batch.Check> inside,
            Inquiry found) {
        Caller caller = caller(request);
        found.isFrom(caller);
        RegistrationRecord registration = access.admit(caller, address.portal(), address.registration());
        ActingAccount account = accounts.resolve(
                caller,
                address.portal(),
                address.registration(),
                address.portalUser(),
                request.getHeader(PORTAL_USER),
                request.getHeader("X-M365-Account"));
        found.actsAs(account);
        if (!operation.isBatch()) {
            if (operation.namesBatch()) {
                // What is not read as a batch here must not be one there.
                throw new ProblemException(ProxyProblem.PATH_NOT_ALLOWED).with("reason", "batch");
            }
            String person = request.getHeader(OperationCheck.PERSON_HEADER);
            operations.require(caller, account, operation, address.targetQuery(), person);
        }
        inside.accept((each, query) -> operations.require(caller, account, each, query, null));
        return new Admission(
                account,
                found.portalUser(),
                registration,
                hosts.host(registration.graphBaseUrl()),
                Lane.of(caller, request.getHeader(Lane.HEADER)));
    }

    private Caller caller(HttpServerRequest request) {
        if (!ready.getAsBoolean()) {
            throw new ProblemException(RequestProblem.UNAVAILABLE).withHeader("Retry-After", "1");
        }
        return keys.caller(request.getHeader(HttpHeaders.AUTHORIZATION), request.getHeader("X-API-Key"));
    }

    private void tellCapabilities(HttpServerRequest request) {
        if (!HttpMethod.GET.equals(request.method())) {
            throw new ProblemException(RequestProblem.METHOD_NOT_ALLOWED).withHeader("Allow", "GET");
        }
        request.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(capabilitiesJson);
    }
}
