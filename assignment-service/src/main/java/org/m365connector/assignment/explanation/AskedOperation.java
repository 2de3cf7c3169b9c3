package org.m365connector.assignment.explanation;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.m365connector.capability.Operation;
import org.m365connector.capability.PathSafety;

/**
 * A call to Graph that somebody asks about.
 *
 * @param words method and path below the version, {@code POST /me/sendMail}
 * @param query what it was asked with behind a question mark, else empty
 * @param objection why graph-proxy-service would take no such address; then the operation has no path
 */
record AskedOperation(String words, Operation operation, String query, Optional<String> objection) {
    private static final Pattern SHAPE =
            Pattern.compile("(GET|HEAD|POST|PUT|PATCH|DELETE) /([^/?\\s]*)([^?\\s]*)(?:\\?(\\S*))?");
    private static final Pattern LOOKS_LIKE_A_VERSION = Pattern.compile("(?i)beta|v\\d+(\\.\\d+)*");

    /** @throws IllegalArgumentException where the text is not a method, a space and a path */
    static AskedOperation parse(String text) {
        var matcher = SHAPE.matcher(text);
        if (!matcher.matches()
                || (matcher.group(2).isEmpty() && matcher.group(3).isEmpty())) {
            throw new IllegalArgumentException("not a method and a path");
        }
        var method = matcher.group(1);
        var withVersion = PathSafety.isVersion(matcher.group(2));
        var path = (withVersion ? "" : "/" + matcher.group(2)) + matcher.group(3);
        var query = matcher.group(4) == null ? "" : matcher.group(4);
        // Which version was asked about changes nothing.
        var sent = "/v1.0" + path;
        var objection = PathSafety.objectionToPath(sent).or(() -> PathSafety.objectionToQuery(query, 0));
        var operation = new Operation(method, List.of());
        if (objection.isEmpty()) {
            operation = Operation.of(method, sent);
            objection = objection(operation, withVersion);
        }
        return new AskedOperation(method + " " + path, operation, query, objection);
    }

    private static Optional<String> objection(Operation operation, boolean withVersion) {
        var first = operation.segments().stream().findFirst().orElse("");
        if (!withVersion && LOOKS_LIKE_A_VERSION.matcher(first).matches()) {
            return Optional.of("version");
        }
        return operation.namesBatch() && !operation.isBatch() ? Optional.of("batch") : Optional.empty();
    }
}
