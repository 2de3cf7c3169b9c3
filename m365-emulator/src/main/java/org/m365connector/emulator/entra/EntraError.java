package org.m365connector.emulator.entra;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import org.m365connector.emulator.EmulatorState;
import org.m365connector.emulator.http.Json;
import org.m365connector.emulator.http.RequestLog;

/**
 * An error of Entra ID.
 *
 * @param status HTTP status at /token
 * @param error the OAuth 2.0 error, which is what a client may branch on
 * @param number the AADSTS number
 * @param text what stands after the number
 * @param suberror refines {@code error}
 * @param claims a claims challenge that the client has to hand on to /authorize
 */
public record EntraError(
        int status, String error, int number, String text, Optional<String> suberror, Optional<String> claims) {

    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    public EntraError(int status, String error, int number, String text) {
        this(status, error, number, text, Optional.empty(), Optional.empty());
    }

    EntraError withSuberror(String value) {
        return new EntraError(status, error, number, text, Optional.of(value), claims);
    }

    EntraError withClaims(String value) {
        return new EntraError(status, error, number, text, suberror, Optional.of(value));
    }

    /** AADSTS, number and text, without the ids that follow them. */
    String headline() {
        return "AADSTS" + number + ": " + text;
    }

    /** The whole {@code error_description}. */
    String description(String traceId, String correlationId, Instant at) {
        return headline() + "\r\nTrace ID: " + traceId + "\r\nCorrelation ID: " + correlationId + "\r\nTimestamp: "
                + TIMESTAMP.format(at);
    }

    /** Answers as the token endpoint does. */
    public void send(RoutingContext ctx, EmulatorState state) {
        String traceId = RequestLog.of(ctx).requestId();
        String correlationId = correlationId(ctx);
        Instant now = state.clock().instant();
        ObjectNode body = Json.object();
        body.put("error", error);
        body.put("error_description", description(traceId, correlationId, now));
        body.putArray("error_codes").add(number);
        body.put("timestamp", TIMESTAMP.format(now));
        body.put("trace_id", traceId);
        body.put("correlation_id", correlationId);
        body.put("error_uri", EntraRoutes.base(ctx, state) + "/error?code=" + number);
        suberror.ifPresent(value -> body.put("suberror", value));
        claims.ifPresent(value -> body.put("claims", value));
        EntraRoutes.commonHeaders(ctx);
        Json.send(ctx, status, body);
    }

    /** What the client sent as {@code client-request-id}, or an id of our own. */
    static String correlationId(RoutingContext ctx) {
        return Optional.ofNullable(ctx.request().getHeader("client-request-id"))
                .or(() -> Optional.ofNullable(ctx.request().getParam("client-request-id")))
                .orElseGet(() -> RequestLog.of(ctx).requestId());
    }
}
