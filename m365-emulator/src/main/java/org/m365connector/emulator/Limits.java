package org.m365connector.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.StreamSupport;

/**
 * Numbers, lives and open points of the two APIs, by a dotted path into {@code limits.json}: {@code
 * entra.codeSeconds}. A path that does not exist is an error, so that a misspelt override cannot be ignored silently.
 */
public final class Limits {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectNode initial;
    private ObjectNode values;

    private Limits(ObjectNode values) {
        this.initial = values;
        this.values = values.deepCopy();
    }

    /** The classpath's {@code limits.json}, overlaid by the options' files and single values in that order. */
    static Limits of(EmulatorOptions options) {
        ObjectNode values = fromClasspath("limits.json");
        if (options.shortLives()) {
            overlay(values, fromClasspath("limits-short.json"), "");
        }
        options.limitsFile().ifPresent(file -> overlay(values, fromFile(file), ""));
        for (Map.Entry<String, Object> single : options.limits().entrySet()) {
            set(values, single.getKey(), JSON.valueToTree(single.getValue()));
        }
        return new Limits(values);
    }

    /** Lays these values over those of one section while the emulator runs; all of them or, if one is unknown, none. */
    public void change(String section, ObjectNode over) {
        ObjectNode changed = values.deepCopy();
        overlay((ObjectNode) at(changed, section), over, section + ".");
        values = changed;
    }

    /** Back to what the emulator was started with. */
    public void reset() {
        values = initial.deepCopy();
    }

    public int integer(String path) {
        JsonNode value = find(path);
        if (!value.isIntegralNumber()) {
            throw new IllegalArgumentException("limit " + path + " is not a whole number: " + value);
        }
        return value.intValue();
    }

    public boolean flag(String path) {
        JsonNode value = find(path);
        if (!value.isBoolean()) {
            throw new IllegalArgumentException("limit " + path + " is not true or false: " + value);
        }
        return value.booleanValue();
    }

    public Duration seconds(String path) {
        return Duration.ofSeconds(integer(path));
    }

    public String text(String path) {
        return find(path).asText();
    }

    public List<String> texts(String path) {
        return StreamSupport.stream(find(path).spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    /** A random life between {@code path.min} and {@code path.max}, both included. */
    public Duration between(String path) {
        int min = integer(path + ".min");
        int max = integer(path + ".max");
        return Duration.ofSeconds(ThreadLocalRandom.current().nextInt(min, Math.max(min, max) + 1));
    }

    /** The subtree itself, for tables. */
    public JsonNode tree(String path) {
        return find(path);
    }

    private JsonNode find(String path) {
        return at(values, path);
    }

    private static JsonNode at(ObjectNode values, String path) {
        JsonNode found = values.at("/" + path.replace('.', '/'));
        if (found.isMissingNode()) {
            throw new IllegalArgumentException("there is no limit called " + path);
        }
        return found;
    }

    private static void set(ObjectNode values, String path, JsonNode value) {
        at(values, path);
        int dot = path.lastIndexOf('.');
        ObjectNode parent = dot < 0 ? values : (ObjectNode) at(values, path.substring(0, dot));
        parent.set(path.substring(dot + 1), value);
    }

    private static void overlay(ObjectNode target, ObjectNode over, String path) {
        over.properties().forEach(entry -> {
            String here = path + entry.getKey();
            JsonNode old = target.get(entry.getKey());
            if (old == null) {
                throw new IllegalArgumentException("there is no limit called " + here);
            }
            if (old instanceof ObjectNode inner && entry.getValue() instanceof ObjectNode innerOver) {
                overlay(inner, innerOver, here + ".");
            } else {
                target.set(entry.getKey(), entry.getValue());
            }
        });
    }

    private static ObjectNode fromClasspath(String name) {
        try (InputStream in = Limits.class.getResourceAsStream(name)) {
            return (ObjectNode) JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode fromFile(Path file) {
        try {
            return (ObjectNode) JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the limits file " + file, e);
        }
    }
}
