package org.m365connector.local.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;

/**
 * An event as the portal received it, read by hand from binary or structured mode.
 *
 * @param attributes the CloudEvents attributes, without {@code ce_}
 */
public record Seen(
        String topic, int partition, long offset, String key, Map<String, String> attributes, JsonNode data) {

    public Seen {
        attributes = Map.copyOf(attributes);
    }

    public String type() {
        return attributes.getOrDefault("type", "");
    }

    public Optional<String> attribute(String name) {
        return Optional.ofNullable(attributes.get(name));
    }

    /** Whether this answers the action with that id. */
    public boolean answers(String action) {
        return action.equals(attributes.get("causationid"));
    }

    public String outcome() {
        return data.path("outcome").asText();
    }

    public String problem() {
        String type = data.path("problem").path("type").asText();
        return type.substring(type.lastIndexOf('/') + 1);
    }
}
