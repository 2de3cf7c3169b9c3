package org.m365connector.emulator.graph.protocol;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Query options. Names are taken in any case, with or without the dollar; a plus is a space. */
public final class Query {

    private static final Set<String> SYSTEM = Set.of(
            "select",
            "filter",
            "top",
            "skip",
            "skiptoken",
            "deltatoken",
            "orderby",
            "expand",
            "count",
            "search",
            "format");

    private final Map<String, String> values;

    private Query(Map<String, String> values) {
        this.values = values;
    }

    public static Query parse(String rawQuery) {
        Map<String, String> values = new LinkedHashMap<>();
        if (rawQuery != null) {
            for (String pair : rawQuery.split("&", -1)) {
                if (pair.isEmpty()) {
                    continue;
                }
                int equals = pair.indexOf('=');
                String name = decode(equals < 0 ? pair : pair.substring(0, equals));
                String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
                String key = key(name);
                if (name.startsWith("$") && !SYSTEM.contains(key)) {
                    throw GraphError.badRequest("The query parameter '" + name + "' is not supported.");
                }
                values.put(key, value);
            }
        }
        return new Query(values);
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    /** The value of an option, named without dollar in lower case. */
    public Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name));
    }

    public boolean flag(String name) {
        return text(name).filter("true"::equalsIgnoreCase).isPresent();
    }

    /** A whole number from {@code min} on; anything else is the caller's mistake. */
    public Optional<Integer> number(String name, int min) {
        return text(name).map(value -> {
            try {
                int number = Integer.parseInt(value);
                if (number >= min) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // Answered below like a number out of range.
            }
            throw GraphError.badRequest("Invalid value '" + value + "' for $" + name + " query option found. The $"
                    + name + " query option requires a " + (min > 0 ? "positive" : "non-negative") + " integer value.");
        });
    }

    public List<String> names() {
        return new ArrayList<>(values.keySet());
    }

    /** These options with another value for one of them, as text after the question mark. */
    public String with(String name, String value) {
        Map<String, String> changed = new LinkedHashMap<>(values);
        changed.put(name, value);
        return text(changed);
    }

    /** These options but one, as text after the question mark. */
    public String without(String name) {
        Map<String, String> changed = new LinkedHashMap<>(values);
        changed.remove(name);
        return text(changed);
    }

    private static String text(Map<String, String> options) {
        List<String> pairs = new ArrayList<>();
        options.forEach(
                (key, value) -> pairs.add((SYSTEM.contains(key) ? "%24" : "") + encode(key) + "=" + encode(value)));
        return String.join("&", pairs);
    }

    private static String key(String name) {
        return (name.startsWith("$") ? name.substring(1) : name).toLowerCase(Locale.ROOT);
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw GraphError.badRequest("The query string is not well formed.");
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
