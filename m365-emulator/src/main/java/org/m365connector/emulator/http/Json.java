package org.m365connector.emulator.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;

/** JSON in and out of a request. */
public final class Json {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    public static JsonNode parse(String text) throws JsonProcessingException {
        return MAPPER.readTree(text);
    }

    public static String text(JsonNode node) {
        try {
            return MAPPER.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON", e);
        }
    }

    /** Any value as JSON; for maps, lists, texts and numbers. */
    public static JsonNode of(Object value) {
        return MAPPER.valueToTree(value);
    }

    /** Answers with this JSON; a content type that is already set stays. */
    public static void send(RoutingContext ctx, int status, JsonNode body) {
        if (!ctx.response().headers().contains("Content-Type")) {
            ctx.response().putHeader("Content-Type", "application/json; charset=utf-8");
        }
        ctx.response().setStatusCode(status).end(Buffer.buffer(text(body)));
    }
}
