package org.m365connector.emulator.graph.switches;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;

/** Graph's limits and the emulator's tempers, by a dotted path; to be changed while it runs. An unknown path is an error. */
public final class Switches {

    private final ObjectNode initial;
    private ObjectNode values;

    /** @param initial the section {@code graph} of the limits */
    public Switches(JsonNode initial) {
        this.initial = initial.deepCopy();
        this.values = initial.deepCopy();
    }

    public void reset() {
        values = initial.deepCopy();
    }

    /** Lays these values over the present ones; all of them or, if one is unknown, none. */
    public void change(ObjectNode over) {
        ObjectNode changed = values.deepCopy();
        overlay(changed, over, "");
        values = changed;
    }

    public JsonNode all() {
        return values.deepCopy();
    }

    public boolean flag(String path) {
        JsonNode value = at(path);
        if (!value.isBoolean()) {
            throw new IllegalArgumentException("switch " + path + " is not true or false: " + value);
        }
        return value.booleanValue();
    }

    public int number(String path) {
        JsonNode value = at(path);
        if (!value.isIntegralNumber()) {
            throw new IllegalArgumentException("switch " + path + " is not a whole number: " + value);
        }
        return value.intValue();
    }

    public String text(String path) {
        return at(path).asText();
    }

    public Duration millis(String path) {
        return Duration.ofMillis(number(path));
    }

    /** Seconds, with fractions for times that are scaled down. */
    public Duration seconds(String path) {
        JsonNode value = at(path);
        if (!value.isNumber()) {
            throw new IllegalArgumentException("switch " + path + " is not a number: " + value);
        }
        return Duration.ofMillis(Math.round(value.doubleValue() * 1000));
    }

    public JsonNode tree(String path) {
        return at(path);
    }

    private JsonNode at(String path) {
        JsonNode found = values.at("/" + path.replace('.', '/'));
        if (found.isMissingNode()) {
            throw new IllegalArgumentException("there is no switch called graph." + path);
        }
        return found;
    }

    private static void overlay(ObjectNode target, ObjectNode over, String path) {
        over.properties().forEach(entry -> {
            JsonNode old = target.get(entry.getKey());
            if (old == null) {
                throw new IllegalArgumentException("there is no switch called graph." + path + entry.getKey());
            }
            if (old instanceof ObjectNode inner && entry.getValue() instanceof ObjectNode innerOver) {
                overlay(inner, innerOver, path + entry.getKey() + ".");
            } else {
                target.set(entry.getKey(), entry.getValue());
            }
        });
    }
}
