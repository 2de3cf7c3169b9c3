package org.m365connector.emulator.graph.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** An answer to a Graph call. */
public record Reply(int status, Optional<JsonNode> body, Map<String, String> headers) {

    public Reply {
        headers = Map.copyOf(headers);
    }

    public static Reply ok(JsonNode body) {
        return new Reply(200, Optional.of(body), Map.of());
    }

    public static Reply created(JsonNode body) {
        return new Reply(201, Optional.of(body), Map.of());
    }

    public static Reply accepted() {
        return new Reply(202, Optional.empty(), Map.of());
    }

    public static Reply noContent() {
        return new Reply(204, Optional.empty(), Map.of());
    }

    public Reply withHeader(String name, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(name, value);
        return new Reply(status, body, more);
    }
}
