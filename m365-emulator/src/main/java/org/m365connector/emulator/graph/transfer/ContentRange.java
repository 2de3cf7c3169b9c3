package org.m365connector.emulator.graph.transfer;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The header {@code Content-Range: bytes 0-327679/1048576} (RFC 9110, 14.4), both ends included. */
record ContentRange(long first, long last, long total) {

    private static final Pattern BYTES = Pattern.compile("bytes (\\d{1,15})-(\\d{1,15})/(\\d{1,15})");

    static Optional<ContentRange> parse(String header) {
        Matcher matcher = BYTES.matcher(header);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        ContentRange range = new ContentRange(
                Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)), Long.parseLong(matcher.group(3)));
        return range.first <= range.last && range.last < range.total ? Optional.of(range) : Optional.empty();
    }

    long length() {
        return last - first + 1;
    }

    boolean endsTheWhole() {
        return last + 1 == total;
    }
}
