package org.m365connector.capability;

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
 * @param namesByValue whether something inside of the path is named by the value of a property, {@code
 *     users(userPrincipalName='ada@…')/messages}: which one that is, is not among the segments
 */
public record Operation(String method, List<String> segments, boolean namesByValue) {

    private static final String NAMESPACE = "microsoft.graph.";

    public Operation {
        segments = List.copyOf(segments);
    }

    /** @param segments decoded, below the version */
    public Operation(String method, List<String> segments) {
        this(
                method,
                segments.stream()
                        .map(segment -> segment.toLowerCase(Locale.ROOT))
                        .toList(),
                false);
    }

    /** @param rawPath from the version on, as sent: {@code /v1.0/teams('5d1c…')/channels/19%3A…/messages} */
    public static Operation of(String method, String rawPath) {
        List<String> segments = new ArrayList<>();
        boolean namesByValue = false;
        boolean lastNamed = false;
        int start = rawPath.indexOf('/', 1) + 1;
        while (start > 0 && start < rawPath.length()) {
            int slash = rawPath.indexOf('/', start);
            int end = slash < 0 ? rawPath.length() : slash;
            // Behind the last segment it can only be a function's parameter.
            namesByValue |= lastNamed;
            lastNamed = add(segments, rawPath.substring(start, end));
            start = end + 1;
        }
        return new Operation(method, segments, namesByValue);
    }

    /** Whether it is {@code POST /$batch}: what matters stands in its body. */
    public boolean isBatch() {
        return method.equals("POST") && segments.size() == 1 && segments.get(0).equals("$batch");
    }

    /** Whether Graph could take the call for a batch, also where {@link #isBatch} does not. */
    public boolean namesBatch() {
        return segments.stream().anyMatch(segment -> segment.startsWith("$batch"));
    }

    /**
     * Splits {@code teams('id')} into collection and key, and drops the parameters of {@code delta()} or {@code x(a='b')}.
     *
     * @return whether a value that is not among the segments was dropped
     */
    private static boolean add(List<String> segments, String raw) {
        String segment = (raw.indexOf('%') < 0 ? raw : decode(raw)).toLowerCase(Locale.ROOT);
        if (segment.indexOf('/') >= 0) {
            // A file's path in one segment, which means the same as in several.
            segments.addAll(List.of(segment.split("/", -1)));
            return false;
        }
        if (segment.startsWith(NAMESPACE)) {
            segment = segment.substring(NAMESPACE.length());
        }
        int open = segment.indexOf('(');
        if (open <= 0 || !segment.endsWith(")")) {
            if (segment.equals("primarychannel")) {
                // Another name for one of the channels.
                segments.add("channels");
            }
            segments.add(segment);
            return false;
        }
        segments.add(segment.substring(0, open));
        String inside = segment.substring(open + 1, segment.length() - 1);
        if (inside.length() > 1 && inside.startsWith("'") && inside.endsWith("'")) {
            // Ids of mails end in an equals sign; between quotation marks it is one.
            segments.add(inside.substring(1, inside.length() - 1).replace("''", "'"));
            return false;
        }
        if (inside.indexOf('=') >= 0) {
            return true;
        }
        if (!inside.isEmpty()) {
            segments.add(inside);
        }
        return false;
    }

    private static String decode(String raw) {
        // A plus sign is itself in a path, unlike in a form.
        return URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
