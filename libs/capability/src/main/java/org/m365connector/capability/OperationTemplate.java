package org.m365connector.capability;

import java.util.List;
import java.util.Locale;

/**
 * Calls that are alike.
 *
 * @param method HTTP method in upper case, {@code *} for each
 * @param segments of the path in lower case; <code>{…}</code> stands for one segment, {@code **} for any number
 */
public record OperationTemplate(String method, List<String> segments) {

    public OperationTemplate {
        segments = List.copyOf(segments);
    }

    /** @param path with or without the slash in front, {@code /me/sendMail} */
    public static OperationTemplate of(String method, String path) {
        String below = path.startsWith("/") ? path.substring(1) : path;
        return new OperationTemplate(
                method.toUpperCase(Locale.ROOT),
                List.of(below.toLowerCase(Locale.ROOT).split("/", -1)));
    }

    public boolean matches(Operation operation) {
        return (method.equals("*") || method.equals(operation.method())) && matches(0, operation.segments(), 0);
    }

    private boolean matches(int at, List<String> called, int position) {
        if (at == segments.size()) {
            return position == called.size();
        }
        String expected = segments.get(at);
        if (expected.equals("**")) {
            for (int rest = position; rest <= called.size(); rest++) {
                if (matches(at + 1, called, rest)) {
                    return true;
                }
            }
            return false;
        }
        return position < called.size()
                && (expected.startsWith("{") || expected.equals(called.get(position)))
                && matches(at + 1, called, position + 1);
    }

    /** {@code POST /teams/{id}/channels/{id}/messages}. */
    @Override
    public String toString() {
        return method + " /" + String.join("/", segments);
    }
}
