package org.m365connector.capability;

import java.util.Optional;

/**
 * What in an address a server behind us could read otherwise than we do. Such an address is not sent to Graph, nor explained as
 * if it could be. An objection is one word for people who look for their mistake; empty means that there is none.
 */
public final class PathSafety {

    private static final String PUNCTUATION = "-._~!$&'()*+,;=:@/";
    private static final Optional<String> NONE = Optional.empty();

    private PathSafety() {}

    /** Whether that first segment of a path is one of Graph's versions. */
    public static boolean isVersion(String segment) {
        return segment.equals("v1.0") || segment.equals("beta");
    }

    /**
     * Encoded slashes are refused but for those of a file's path in place of its id, see {@link FilePath}.
     *
     * @param path raw, as it is sent, without the query
     */
    public static Optional<String> objectionToPath(String path) {
        int segmentStart = 0;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '%') {
                Optional<String> objection = objectionToEncoded(path, i);
                if (objection.isEmpty()) {
                    i += 2;
                    continue;
                }
                int end = endOfSegment(path, i);
                if (decoded(path, i) != '/' || !FilePath.isOne(path, segmentStart, end)) {
                    return objection;
                }
                i = end - 1;
            } else if (c == '/') {
                if (isDotSegment(path, segmentStart, i)) {
                    return Optional.of("dot-segment");
                }
                segmentStart = i + 1;
                if (segmentStart < path.length() && path.charAt(segmentStart) == '/') {
                    return Optional.of("empty-segment");
                }
            } else if (!isAllowed(c)) {
                return Optional.of("character");
            }
        }
        return isDotSegment(path, segmentStart, path.length()) ? Optional.of("dot-segment") : NONE;
    }

    /**
     * @param uri raw, as it is sent
     * @param start where its query begins
     */
    public static Optional<String> objectionToQuery(String uri, int start) {
        for (int i = start; i < uri.length(); i++) {
            char c = uri.charAt(i);
            if (c <= 0x20 || c >= 0x7f || c == '#') {
                return Optional.of("character");
            }
        }
        return NONE;
    }

    private static int endOfSegment(String path, int from) {
        int slash = path.indexOf('/', from);
        return slash < 0 ? path.length() : slash;
    }

    private static boolean isAllowed(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || PUNCTUATION.indexOf(c) >= 0;
    }

    private static Optional<String> objectionToEncoded(String path, int percent) {
        int code = decoded(path, percent);
        if (code < 0) {
            return Optional.of("encoding");
        }
        if (code == '/' || code == '\\') {
            return Optional.of("encoded-slash");
        }
        if (code < 0x20 || code == 0x7f) {
            return Optional.of("control-character");
        }
        if (code == '%') {
            // Encoded twice: harmless only if nobody behind us decodes twice.
            int inner = twiceDecoded(path, percent + 3);
            if (inner == '/' || inner == '\\' || inner == '.' || inner == '%') {
                return Optional.of("encoded-twice");
            }
        }
        return NONE;
    }

    /** Two hexadecimal digits behind an encoded percent sign, each plain or encoded itself; -1 where there are none. */
    private static int twiceDecoded(String path, int at) {
        int first = path.startsWith("%", at) ? decoded(path, at) : at < path.length() ? path.charAt(at) : -1;
        int next = path.startsWith("%", at) ? at + 3 : at + 1;
        int second = path.startsWith("%", next) ? decoded(path, next) : next < path.length() ? path.charAt(next) : -1;
        int high = first < 0 ? -1 : Character.digit(first, 16);
        int low = second < 0 ? -1 : Character.digit(second, 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }

    /** Also encoded, or dressed up with a parameter or with OneDrive's colon. */
    private static boolean isDotSegment(String path, int start, int end) {
        int dots = 0;
        int i = start;
        while (i < end) {
            char c = path.charAt(i);
            if (c == ';' || c == ':') {
                break;
            }
            int code = c == '%' ? decoded(path, i) : c;
            if (code != '.') {
                return false;
            }
            dots++;
            i += c == '%' ? 3 : 1;
        }
        return dots == 1 || dots == 2;
    }

    private static int decoded(String text, int percent) {
        return hexValue(text, percent + 1);
    }

    private static int hexValue(String text, int at) {
        if (at + 2 > text.length()) {
            return -1;
        }
        int high = Character.digit(text.charAt(at), 16);
        int low = Character.digit(text.charAt(at + 1), 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }
}
