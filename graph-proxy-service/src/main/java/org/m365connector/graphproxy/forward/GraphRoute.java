package org.m365connector.graphproxy.forward;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.m365connector.access.AccessKeys;
import org.m365connector.access.Caller;
import org.m365connector.capability.Capabilities;
import org.m365connector.capability.Operation;
import org.m365connector.events.EventCodec;
import org.m365connector.events.GraphCalled;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.graphproxy.access.AccessCheck;
import org.m365connector.graphproxy.access.GraphAddress;
import org.m365connector.graphproxy.account.AccountResolver;
import org.m365connector.graphproxy.account.ActingAccount;
import org.m365connector.graphproxy.account.OperationCheck;
import org.m365connector.graphproxy.audit.Templates;
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

    private final BooleanSupplier ready;
    private final AccessKeys keys;
    private final AccessCheck access;
    private final AccountResolver accounts;
    private final OperationCheck operations;
    private final GraphHosts hosts;
    private final Forwarder forwarder;
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
            AccountResolver accounts,
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
        long startedAt = System.nanoTime();
        if (!Headers.announceBody(request.headers())) {
            // Quarkus hands requests over paused; this one has nothing to wait for.
            request.resume();
        }
        try {
            handle(request);
        } catch (RuntimeException refusal) {
            ProblemAnswer answer = ProblemAnswer.unsent(refusal, request.getHeader(HttpHeaders.ACCEPT_LANGUAGE));
            Duration duration = Duration.ofNanos(System.nanoTime() - startedAt);
            forwarder.calls().ended(Calls.Outcome.REFUSED, answer.slug(), "none", duration);
            record(request, answer, duration);
            answer.send(request);
        }
    }

    /** Of an address that cannot be read nobody can say whose it was. */
    private void record(HttpServerRequest request, ProblemAnswer refusal, Duration duration) {
        if (refusal.slug().equals(ProxyProblem.PATH_NOT_ALLOWED.slug())) {
            return;
        }
        GraphAddress address = GraphAddress.parse(request.uri());
        if (address.target().isEmpty()) {
            return;
        }
        Operation operation = Operation.of(request.method().name(), address.targetPath());
        forwarder
                .audit()
                .add(new GraphCalled(
                        address.portal(),
                        address.registration(),
                        address.portalUser(),
                        Optional.empty(),
                        Templates.of(operation.method(), operation.segments()),
                        List.of(),
                        "refused",
                        refusal.slug(),
                        refusal.status(),
                        0,
                        0,
                        duration.toMillis(),
                        Optional.empty(),
                        Optional.empty()));
    }

    private void handle(HttpServerRequest request) {
        GraphAddress address = GraphAddress.parse(request.uri());
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
        Admission admission = admit(request, address, operation, nothingInside -> {});
        Links links = new Links(admission.host().origin(), proxyUrl + address.base());
        new Exchange(
                        forwarder,
                        request,
                        address,
                        operation,
                        admission,
                        inside -> admit(request, address, operation, inside),
                        links,
                        Vertx.currentContext())
                .begin();
    }

    /**
     * Looks into memory only, so that it can be asked again before each step that may have taken a while.
     *
     * @param inside is handed the check that the operations inside a batch have to pass like this one
     */
    private Admission admit(
            HttpServerRequest request, GraphAddress address, Operation operation, Consumer<Batch.Check> inside) {
        Caller caller = caller(request);
        RegistrationRecord registration = access.admit(caller, address.portal(), address.registration());
        String portalUser = request.getHeader("X-Portal-User");
        ActingAccount account = accounts.resolve(
                caller,
                address.portal(),
                address.registration(),
                address.portalUser(),
                portalUser,
                request.getHeader("X-M365-Account"));
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
                address.portalUser().or(() -> Optional.ofNullable(portalUser).map(PortalUser::new)),
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
