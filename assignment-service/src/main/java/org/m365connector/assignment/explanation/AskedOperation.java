package org.m365connector.assignment.explanation;

import java.util.regex.Pattern;
import org.m365connector.capability.Operation;

/**
 * A call to Graph that somebody asks about.
 *
 * @param words method and path below the version, {@code POST /me/sendMail}
 * @param query what it was asked with behind a question mark, else empty
 */
record AskedOperation(String words, Operation operation, String query) {
    private static final Pattern SHAPE =
            Pattern.compile("(GET|HEAD|POST|PUT|PATCH|DELETE) (?:/(?:v1\\.0|beta)(?=/))?(/[^?#\\s]+)(?:\\?(\\S*))?");

    /** @throws IllegalArgumentException where the text is not a method, a space and a path */
    static AskedOperation parse(String text) {
        var matcher = SHAPE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a method and a path");
        }
        return new AskedOperation(
                matcher.group(1) + " " + matcher.group(2),
                Operation.of(matcher.group(1), "/v1.0" + matcher.group(2)),
                matcher.group(3) == null ? "" : matcher.group(3));
    }
}
