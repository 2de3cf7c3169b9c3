package org.m365connector.capability;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** What a query makes an address reach besides what its path says: {@code $expand}, {@code $select}. */
final class Expansion {

    /** Parts of the resource itself. What anything else leads to could be another's. */
    private static final Set<String> PARTS = Set.of(
            "singlevalueextendedproperties", "multivalueextendedproperties", "attachments", "extensions", "replies");

    private Expansion() {}

    /**
     * Also where an expansion could be seen in another parameter, or after decoding once more.
     *
     * @param query raw, without the question mark
     */
    static boolean leadsAway(String query) {
        return !query.isEmpty()
                && parameters(query)
                        .anyMatch(parameter -> isNamed(parameter, "expand")
                                ? !staysWithParts(parameter)
                                : decoded(parameter).contains("expand="));
    }

    /** The one property of a person that lies in his mailbox. */
    static boolean selectsFromMailbox(String query) {
        return parameters(query)
                .anyMatch(parameter -> isNamed(parameter, "select") && parameter.contains("mailboxsettings"));
    }

    private static boolean staysWithParts(String parameter) {
        String value = parameter.substring(parameter.indexOf('=') + 1);
        // One expansion inside of another, or what cannot be taken apart.
        if (value.contains("expand") || value.contains("/") || !balanced(value)) {
            return false;
        }
        return Stream.of(outside(value).split(",", -1)).allMatch(part -> PARTS.contains(part.strip()));
    }

    /** Without what stands in brackets: options of what is expanded. */
    private static String outside(String value) {
        StringBuilder outside = new StringBuilder();
        int depth = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            depth += c == '(' ? 1 : 0;
            if (depth == 0) {
                outside.append(c);
            }
            depth -= c == ')' ? 1 : 0;
        }
        return outside.toString();
    }

    private static boolean balanced(String value) {
        return value.chars().filter(c -> c == '(').count()
                == value.chars().filter(c -> c == ')').count();
    }

    private static boolean isNamed(String parameter, String name) {
        int end = parameter.indexOf('=');
        String given = (end < 0 ? parameter : parameter.substring(0, end)).strip();
        return given.equals(name) || given.equals("$" + name);
    }

    /** Decoded, in lower case. */
    private static Stream<String> parameters(String query) {
        return Stream.of(query.split("&", -1)).map(Expansion::decoded);
    }

    /** What is no encoding could be read as anything. */
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return "expand=?";
        }
    }
}
