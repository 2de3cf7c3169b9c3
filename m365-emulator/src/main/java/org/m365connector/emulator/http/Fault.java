package org.m365connector.emulator.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** A fault to apply to matching requests, as {@code POST /_emulator/faults} describes it. */
public final class Fault {

    /** When the connection is cut. */
    enum Cut {
        NEVER,
        /** Before anything was done. */
        BEFORE,
        /** After the request was carried out: its answer is lost. */
        AFTER
    }

    private static final Set<String> MEMBERS = Set.of(
            "match", "status", "code", "message", "retryAfter", "delayMs", "reset", "html", "times", "probability");
    private static final Set<String> MATCH_MEMBERS = Set.of("method", "path", "clientId");

    private final String id;
    private final ObjectNode description;
    private final Optional<String> method;
    private final Optional<Pattern> path;
    private final Optional<String> clientId;
    private final double probability;
    private int timesLeft;

    /** @throws IllegalArgumentException what is wrong with the description */
    Fault(String id, ObjectNode description) {
        refuseUnknown(description, MEMBERS);
        JsonNode match = description.path("match");
        if (match instanceof ObjectNode matches) {
            refuseUnknown(matches, MATCH_MEMBERS);
        }
        this.id = id;
        this.description = description;
        this.method = text(match, "method");
        this.path = text(match, "path").map(Pattern::compile);
        this.clientId = text(match, "clientId");
        this.probability = description.path("probability").asDouble(1);
        this.timesLeft = description.path("times").asInt(Integer.MAX_VALUE);
        if (status() == 0 && delayMs() == 0 && cut() == Cut.NEVER) {
            throw new IllegalArgumentException("a fault needs a status, a delayMs or a reset");
        }
    }

    private static void refuseUnknown(ObjectNode node, Set<String> known) {
        node.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw new IllegalArgumentException("a fault has no member " + name);
            }
        });
    }

    private static Optional<String> text(JsonNode node, String member) {
        return Optional.ofNullable(node.get(member)).map(JsonNode::asText);
    }

    String id() {
        return id;
    }

    /** Whether this request is hit; a hit uses up one of {@code times}. */
    boolean hits(HttpServerRequest request, String client) {
        boolean hit = timesLeft > 0
                && method.map(request.method().name()::equalsIgnoreCase).orElse(true)
                && path.map(pattern -> pattern.matcher(request.path()).find()).orElse(true)
                && clientId.map(client::equalsIgnoreCase).orElse(true)
                && ThreadLocalRandom.current().nextDouble() < probability;
        if (hit) {
            timesLeft--;
        }
        return hit;
    }

    /** 0 = the request is carried out. */
    int status() {
        return description.path("status").asInt(0);
    }

    Optional<String> code() {
        return text(description, "code");
    }

    String message() {
        return description.path("message").asText("The emulator was told to fail this request.");
    }

    /** Seconds, or any text for the header. */
    Optional<String> retryAfter() {
        return text(description, "retryAfter");
    }

    long delayMs() {
        return description.path("delayMs").asLong(0);
    }

    boolean html() {
        return description.path("html").asBoolean(false);
    }

    Cut cut() {
        JsonNode reset = description.path("reset");
        if (reset.asText().equals("after")) {
            return Cut.AFTER;
        }
        return reset.asText().equals("before") || reset.asBoolean(false) ? Cut.BEFORE : Cut.NEVER;
    }

    ObjectNode json() {
        ObjectNode json = description.deepCopy().put("id", id);
        if (timesLeft != Integer.MAX_VALUE) {
            json.put("timesLeft", timesLeft);
        }
        return json;
    }
}
