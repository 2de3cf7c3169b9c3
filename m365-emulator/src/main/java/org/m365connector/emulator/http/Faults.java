package org.m365connector.emulator.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.m365connector.emulator.EmulatorState;
import org.m365connector.emulator.entra.EntraError;

/** The faults that are switched on. The first that hits a request is applied to it; the control door itself never fails. */
public final class Faults {

    private static final Map<Integer, String> GRAPH_CODES = Map.of(
            401, "InvalidAuthenticationToken",
            403, "accessDenied",
            404, "itemNotFound",
            409, "Conflict",
            429, "TooManyRequests",
            500, "generalException",
            502, "BadGateway",
            503, "serviceNotAvailable",
            504, "UnknownError",
            507, "insufficientStorage");

    private final EmulatorState state;
    private final List<Fault> faults = new ArrayList<>();
    private int next = 1;

    public Faults(EmulatorState state) {
        this.state = state;
    }

    /** @throws IllegalArgumentException what is wrong with the description */
    public ObjectNode add(ObjectNode description) {
        Fault fault = new Fault(Integer.toString(next++), description);
        faults.add(fault);
        return fault.json();
    }

    public void clear() {
        faults.clear();
    }

    public boolean remove(String id) {
        return faults.removeIf(fault -> fault.id().equals(id));
    }

    public ArrayNode json() {
        ArrayNode json = Json.object().putArray("faults");
        faults.forEach(fault -> json.add(fault.json()));
        return json;
    }

    /** Applies the first fault that hits, or goes on. */
    void handle(RoutingContext ctx, Function<RoutingContext, String> clientId) {
        if (faults.isEmpty()) {
            ctx.next();
            return;
        }
        String client = clientId.apply(ctx);
        Optional<Fault> hit = faults.stream()
                .filter(fault -> fault.hits(ctx.request(), client))
                .findFirst();
        if (hit.isEmpty()) {
            ctx.next();
            return;
        }
        Fault fault = hit.get();
        RequestLog.of(ctx).fault(fault.id()).clientId(client);
        state.requests().count("fault");
        if (fault.delayMs() > 0) {
            state.vertx().setTimer(fault.delayMs(), timer -> apply(ctx, fault));
        } else {
            apply(ctx, fault);
        }
    }

    private void apply(RoutingContext ctx, Fault fault) {
        switch (fault.cut()) {
            case BEFORE -> ctx.request().connection().close();
            case AFTER -> {
                ctx.addHeadersEndHandler(nothing -> ctx.request().connection().close());
                ctx.next();
            }
            case NEVER -> {
                if (fault.status() == 0) {
                    ctx.next();
                } else {
                    fail(ctx, fault);
                }
            }
        }
    }

    private void fail(RoutingContext ctx, Fault fault) {
        fault.retryAfter().ifPresent(value -> ctx.response().putHeader("Retry-After", value));
        if (fault.html()) {
            ctx.response()
                    .setStatusCode(fault.status())
                    .putHeader("Content-Type", "text/html")
                    .end("<!DOCTYPE html><html><head><title>" + fault.status() + "</title></head><body><h1>"
                            + fault.status() + " Service Error</h1></body></html>");
        } else if (ctx.request().path().matches("/(v1\\.0|beta)/.*")) {
            failLikeGraph(ctx, fault);
        } else {
            String error = fault.code().orElse(fault.status() == 429 ? "temporarily_unavailable" : "server_error");
            int number = fault.status() == 429 ? 90055 : 90033;
            new EntraError(fault.status(), error, number, fault.message()).send(ctx, state);
        }
    }

    private void failLikeGraph(RoutingContext ctx, Fault fault) {
        String requestId = RequestLog.of(ctx).requestId();
        ObjectNode body = Json.object();
        ObjectNode error = body.putObject("error");
        error.put("code", fault.code().orElse(GRAPH_CODES.getOrDefault(fault.status(), "UnknownError")));
        error.put("message", fault.message());
        ObjectNode inner = error.putObject("innerError");
        inner.put("date", state.clock().instant().toString().substring(0, 19));
        inner.put("request-id", requestId);
        inner.put(
                "client-request-id",
                Optional.ofNullable(ctx.request().getHeader("client-request-id"))
                        .orElse(requestId));
        ctx.response().putHeader("request-id", requestId);
        Json.send(ctx, fault.status(), body);
    }
}
