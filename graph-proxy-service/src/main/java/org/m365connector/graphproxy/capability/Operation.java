package org.m365connector.graphproxy.capability;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A call as the table sees it: method, and the path in the one spelling that Graph's many spellings mean. Only for comparing,
 * never for sending: it is in lower case.
 *
 * @param segments of the path after the version, {@code [teams, 5d1c…, channels, 19:…, messages]}
 */
public record Operation(String method, List<String> segments) {

    private static final String NAMESPACE = "microsoft.graph.";

    public Operation {
        segments = List.copyOf(segments);
    }

    /** @param rawPath from the version on, as sent: {@code /v1.0/teams('5d1c…')/channels/19%3A…/messages} */
    public static Operation of(String method, String rawPath) {
        List<String> segments = new ArrayList<>();
        int start = rawPath.indexOf('/', 1) + 1;
        while (start > 0 && start < rawPath.length()) {
            int slash = rawPath.indexOf('/', start);
            int end = slash < 0 ? rawPath.length() : slash;
            add(segments, rawPath.substring(start, end));
            start = end + 1;
        }
        return new Operation(method, segments);
    }

    /** Splits {@code teams('id')} into collection and key, and drops the parameters of {@code delta()} or {@code x(a='b')}. */
    private static void add(List<String> segments, String raw) {
        String segment = (raw.indexOf('%') < 0 ? raw : decode(raw)).toLowerCase(Locale.ROOT);
        if (segment.startsWith(NAMESPACE)) {
            segment = segment.substring(NAMESPACE.length());
        }
        int open = segment.indexOf('(');
        if (open <= 0 || !segment.endsWith(")")) {
            segments.add(segment);
            return;
        }
        segments.add(segment.substring(0, open));
        String inside = segment.substring(open + 1, segment.length() - 1);
        if (!inside.isEmpty() && inside.indexOf('=') < 0) {
            segments.add(inside);
        }
    }

    private static String decode(String raw) {
        // A plus sign is itself in a path, unlike in a form.
        return URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
