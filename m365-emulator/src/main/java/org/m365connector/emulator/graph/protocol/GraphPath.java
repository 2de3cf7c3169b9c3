package org.m365connector.emulator.graph.protocol;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The decoded segments of a path below the version. Key syntax, {@code users('ada')} or {@code users(%27ada%27)}, becomes
 * two segments; empty brackets, named parameters and a namespace, {@code microsoft.graph.delta()}, fall away. Case is kept.
 */
public final class GraphPath {

    private static final Pattern KEYED = Pattern.compile("([A-Za-z][A-Za-z.]*)\\((?:'(.*)'|([^'=]*)|[A-Za-z]+=.*)\\)");
    private static final String NAMESPACE = "microsoft.graph.";

    private GraphPath() {}

    public static List<String> segments(String rawPath) {
        List<String> segments = new ArrayList<>();
        for (String raw : rawPath.split("/", -1)) {
            if (raw.isEmpty()) {
                continue;
            }
            String segment = decode(raw);
            Matcher keyed = KEYED.matcher(segment);
            if (!keyed.matches()) {
                segments.add(withoutNamespace(segment));
                continue;
            }
            segments.add(withoutNamespace(keyed.group(1)));
            String key = keyed.group(2) != null ? keyed.group(2).replace("''", "'") : keyed.group(3);
            if (key != null && !key.isEmpty()) {
                segments.add(key);
            }
        }
        return segments;
    }

    /** In a path a plus is a plus. */
    private static String decode(String raw) {
        try {
            return URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw GraphError.badRequest("The request path is not well formed.");
        }
    }

    private static String withoutNamespace(String segment) {
        return segment.regionMatches(true, 0, NAMESPACE, 0, NAMESPACE.length())
                ? segment.substring(NAMESPACE.length())
                : segment;
    }
}
