package org.m365connector.sync.graph;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * In which trace a call of Graph stands, as the header {@code traceparent} says it (W3C Trace Context, version 00). Portals write
 * it on their events; what is none is not sent on.
 */
public record TraceParent(String value) {

    private static final Pattern VERSION_00 =
            Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    public TraceParent {
        if (!VERSION_00.matcher(value).matches()) {
            throw new IllegalArgumentException("not a traceparent");
        }
    }

    /** Empty where that text is none. */
    public static Optional<TraceParent> of(String text) {
        return VERSION_00.matcher(text).matches() ? Optional.of(new TraceParent(text)) : Optional.empty();
    }
}
