package org.m365connector.emulator.graph.protocol;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The decoded segments of a path below the version. Key syntax, {@code users('ada')} or {@code users(%27ada%27)}, becomes
 * two segments; empty brackets, named parameters and a namespace, {@code microsoft.graph.delta()}, fall away. OneDrive's
 * address by path, {@code drive/root:/folder/name:/content}, is one segment, {@code items, root:/folder/name, content}, and
 * may come as one, with its slashes encoded, as Microsoft's clients write it. Case is kept.
 */
public final class GraphPath {

    private static final Pattern KEYED = Pattern.compile("([A-Za-z][A-Za-z.]*)\\((?:'(.*)'|([^'=]*)|[A-Za-z]+=.*)\\)");
    private static final String NAMESPACE = "microsoft.graph.";

    private GraphPath() {}

    public static List<String> segments(String rawPath) {
        List<String> segments = new ArrayList<>();
        StringBuilder filePath = new StringBuilder();
        for (String raw : rawPath.split("/", -1)) {
            if (raw.isEmpty()) {
                continue;
            }
            String segment = decode(raw);
            if (filePath.length() > 0) {
                filePath.append('/').append(segment);
                if (segment.endsWith(":")) {
                    addFilePath(segments, filePath.toString());
                    filePath.setLength(0);
                }
                continue;
            }
            if (segment.contains(":/")) {
                addFilePath(segments, segment);
                continue;
            }
            if (segment.endsWith(":")) {
                filePath.append(segment);
                continue;
            }
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
        if (filePath.length() > 0) {
            addFilePath(segments, filePath.toString());
        }
        return segments;
    }

    private static void addFilePath(List<String> segments, String path) {
        boolean belowItems =
                !segments.isEmpty() && segments.get(segments.size() - 1).equalsIgnoreCase("items");
        if (!belowItems) {
            segments.add("items");
        }
        segments.add(path.endsWith(":") ? path.substring(0, path.length() - 1) : path);
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
