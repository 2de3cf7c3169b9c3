package org.m365connector.emulator.graph.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.m365connector.emulator.directory.AppRegistration;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.graph.protocol.RouteTable.Match;
import org.m365connector.emulator.graph.switches.Later;
import org.m365connector.emulator.tokens.AccessToken;
import org.m365connector.emulator.tokens.TokenInspection;
import org.m365connector.emulator.tokens.TokenInspector;

/**
 * The front of Graph: token, path, throttling, permission in this order, then the call itself. So a call that lacks the
 * permission counts for the limits, as every refused one does. Whatever is wrong is answered with Graph's
 * error body; every answer carries Graph's headers.
 */
public final class GraphDispatcher {

    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.US);
    private static final String DIAGNOSTIC =
            "{\"ServerInfo\":{\"DataCenter\":\"Emulator\",\"Slice\":\"E\",\"Ring\":\"1\",\"ScaleUnit\":\"000\","
                    + "\"RoleInstance\":\"EMULATOR\"}}";

    private final TokenInspector tokens;
    private final Directory directory;
    private final Permissions permissions;
    private final RouteTable routes;
    private final Gate gate;
    private final Clock clock;

    public GraphDispatcher(
            TokenInspector tokens,
            Directory directory,
            Permissions permissions,
            RouteTable routes,
            Gate gate,
            Clock clock) {
        this.tokens = tokens;
        this.directory = directory;
        this.permissions = permissions;
        this.routes = routes;
        this.gate = gate;
        this.clock = clock;
    }

    /**
     * Never fails: errors are answers.
     *
     * @param work when the call is carried out, once it has been let in
     */
    public Future<Reply> answer(GraphRequest request, Later work) {
        Prefer prefer = new Prefer(request.headers().apply("Prefer"));
        return answered(request, () -> call(request, prefer, work).map(ok -> prefer.applied()
                .map(applied -> ok.withHeader("Preference-Applied", applied))
                .orElse(ok)));
    }

    /** What the call comes to, or the error that it ends with, with the headers that Graph always sends. */
    Future<Reply> answered(GraphRequest request, Supplier<Future<Reply>> call) {
        String requestId = request.requestId();
        String clientRequestId = request.header("client-request-id").orElse(requestId);
        Future<Reply> reply;
        try {
            reply = call.get();
        } catch (GraphError e) {
            reply = Future.failedFuture(e);
        }
        return reply.recover(problem -> Future.succeededFuture(errorReply(problem, requestId, clientRequestId)))
                .map(any -> any.withHeader("request-id", requestId)
                        .withHeader("client-request-id", clientRequestId)
                        .withHeader("x-ms-ags-diagnostic", DIAGNOSTIC)
                        .withHeader("Cache-Control", "no-cache")
                        .withHeader("Date", HTTP_DATE.format(now())));
    }

    private Future<Reply> call(GraphRequest request, Prefer prefer, Later work) {
        Caller caller = authenticate(request);
        request.whoCalls().accept(caller);
        if (!request.version().equals("v1.0") && !request.version().equals("beta")) {
            throw GraphError.badRequest("Invalid version: " + request.version());
        }
        List<String> path = GraphPath.segments(request.rawPathBelowVersion());
        if (caller.isApp() && !path.isEmpty() && path.get(0).equalsIgnoreCase("me")) {
            throw GraphError.meWithoutUser();
        }
        Match match = routes.find(request.method(), path);
        Query query = Query.parse(request.rawQuery());
        Call call = new Call(request.serverBase() + "/" + request.version(), request, match, caller, query, prefer);
        Runnable leave = gate.enter(call);
        Promise<Reply> reply = Promise.promise();
        work.run(Duration.ZERO, () -> {
            try {
                match.route()
                        .workload()
                        .ifPresent(workload -> permissions.check(
                                workload, match.route().method(), match.route().template(), caller));
                match.route().handler().apply(call).onComplete(reply);
            } catch (RuntimeException e) {
                reply.fail(e);
            }
        });
        return reply.future().onComplete(done -> leave.run());
    }

    /** What follows a failed item of a batch. */
    Reply failedDependency(GraphRequest request) {
        return errorReply(
                GraphError.of(424, "FailedDependency", "Failed Dependency"),
                request.requestId(),
                request.header("client-request-id").orElse(request.requestId()));
    }

    Caller authenticate(GraphRequest request) {
        TokenInspection inspection =
                tokens.inspect(request.header("Authorization").orElse(null));
        if (inspection instanceof TokenInspection.Valid valid) {
            return caller(valid.token());
        }
        if (inspection instanceof TokenInspection.Expired) {
            throw GraphError.unauthenticated("Lifetime validation failed, the token is expired.");
        }
        if (inspection instanceof TokenInspection.WrongAudience) {
            throw GraphError.unauthenticated("Access token validation failure. Invalid audience.");
        }
        if (inspection instanceof TokenInspection.Revoked revoked) {
            throw GraphError.claimsChallenge(revoked.notBefore());
        }
        if (inspection instanceof TokenInspection.Challenged challenged) {
            throw GraphError.claimsChallenge(challenged.claims());
        }
        throw GraphError.unauthenticated(((TokenInspection.Malformed) inspection).reason());
    }

    private Caller caller(AccessToken token) {
        LoginKind kind = token.appOnly()
                ? LoginKind.APPLICATION
                : token.personal() ? LoginKind.DELEGATED_PERSONAL : LoginKind.DELEGATED_WORK;
        return new Caller(
                kind,
                token.appId(),
                token.tid(),
                token.oid().orElseGet(() -> directory
                        .app(token.appId())
                        .map(AppRegistration::servicePrincipalId)
                        .orElse(token.appId())),
                token.appOnly() ? token.roles() : token.scopes(),
                token.expiresAt());
    }

    private Reply errorReply(Throwable problem, String requestId, String clientRequestId) {
        GraphError error = problem instanceof GraphError known
                ? known
                : GraphError.of(500, "InternalServerError", "The emulator failed: " + problem);
        ObjectNode body = Json.object();
        ObjectNode inside = body.putObject("error").put("code", error.code()).put("message", error.getMessage());
        if (!error.withoutInnerError()) {
            Map<String, Object> inner = new TreeMap<>(error.innerMembers());
            inner.put(
                    "date", DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss").format(now()));
            inner.put("request-id", requestId);
            inner.put("client-request-id", clientRequestId);
            inside.set("innerError", Json.MAPPER.valueToTree(inner));
        }
        return new Reply(error.status(), Optional.of(body), error.headers());
    }

    private ZonedDateTime now() {
        return clock.instant().atZone(ZoneOffset.UTC);
    }
}
