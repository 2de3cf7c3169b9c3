package org.m365connector.graphproxy.capability;

import java.util.List;
import java.util.Set;

/**
 * One row of the table.
 *
 * @param method HTTP method in upper case, {@code *} for each
 * @param template segments of the path in lower case; <code>{…}</code> stands for one segment, {@code **} for any number
 * @param possibleFor the kinds of login that Graph has a permission for
 * @param instead what to do with the others, in words that need no translation
 */
record Capability(String method, List<String> template, Set<LoginKind> possibleFor, String instead) {

    Capability {
        template = List.copyOf(template);
        possibleFor = Set.copyOf(possibleFor);
    }

    /** {@code POST /teams/{id}/channels/{id}/messages}. */
    String operation() {
        return method + " /" + String.join("/", template);
    }

    boolean matches(Operation operation) {
        return (method.equals("*") || method.equals(operation.method())) && matches(0, operation.segments(), 0);
    }

    private boolean matches(int at, List<String> segments, int position) {
        if (at == template.size()) {
            return position == segments.size();
        }
        String expected = template.get(at);
        if (expected.equals("**")) {
            for (int rest = position; rest <= segments.size(); rest++) {
                if (matches(at + 1, segments, rest)) {
                    return true;
                }
            }
            return false;
        }
        return position < segments.size()
                && (expected.startsWith("{") || expected.equals(segments.get(position)))
                && matches(at + 1, segments, position + 1);
    }
}
