package org.m365connector.emulator.graph.protocol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.m365connector.emulator.graph.protocol.RouteTable.Match;

/** One authenticated call, matched to its route. */
public final class Call {

    private static final int BODY_LIMIT = 4 * 1024 * 1024;

    private final String base;
    private final GraphRequest request;
    private final Match match;
    private final Caller caller;
    private final Query query;
    private final Prefer prefer;

    Call(String base, GraphRequest request, Match match, Caller caller, Query query, Prefer prefer) {
        this.base = base;
        this.request = request;
        this.match = match;
        this.caller = caller;
        this.query = query;
        this.prefer = prefer;
    }

    public Caller caller() {
        return caller;
    }

    public Query query() {
        return query;
    }

    public Prefer prefer() {
        return prefer;
    }

    /** The n-th variable of the route's template, exactly as it was sent, percent-decoded. */
    public String id(int n) {
        return match.ids().get(n);
    }

    /** Whose resources the call is about: the id or name in the path, or the caller behind {@code /me}. */
    public String owner() {
        return match.me() ? caller.id() : id(0);
    }

    public Optional<String> header(String name) {
        return request.header(name);
    }

    public String template() {
        return match.route().template();
    }

    public String method() {
        return match.route().method();
    }

    /** Scheme, host and version: what absolute links begin with. */
    public String base() {
        return base;
    }

    /** This call's own path and other query options, as an absolute link. */
    public String link(String query) {
        return base + request.rawPathBelowVersion() + (query.isEmpty() ? "" : "?" + query);
    }

    /** {@code @odata.context} of a page or an entity. */
    public String context(String what) {
        return base + "/$metadata#" + what;
    }

    public ObjectNode body() {
        if (request.body().length() > BODY_LIMIT) {
            throw GraphError.of(413, "RequestEntityTooLarge", "The request entity is too large.");
        }
        String type = header("Content-Type").orElse("").toLowerCase(Locale.ROOT);
        if (type.isBlank() && request.body().length() > 0) {
            throw GraphError.of(
                    400,
                    "RequestBodyRead",
                    "A missing or empty content type header was found when trying to read a message. The content type"
                            + " header is required.");
        }
        if (request.body().length() > 0 && !type.startsWith("application/json")) {
            throw GraphError.of(415, "UnsupportedMediaType", "The content type '" + type + "' is not supported.");
        }
        try {
            if (Json.MAPPER.readTree(request.body().getBytes()) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            // Answered below like a body that is no object.
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        throw GraphError.badRequest("Unable to read JSON request payload. Please ensure Content-Type header is set and"
                + " payload is of valid JSON format.");
    }

    public byte[] rawBody() {
        return request.body().getBytes();
    }
}
