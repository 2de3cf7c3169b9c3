package org.m365connector.emulator.graph.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The {@code Prefer} headers of a request: several, or one with commas. What was honoured is echoed. */
public final class Prefer {

    private static final Pattern ONE =
            Pattern.compile("\\s*([^=;,\\s]+)\\s*(?:=\\s*(\"[^\"]*\"|[^,;]*))?\\s*(?:[,;]|$)");

    private final List<String[]> preferences = new ArrayList<>();
    private final List<String> applied = new ArrayList<>();

    public Prefer(List<String> headers) {
        for (String header : headers) {
            Matcher one = ONE.matcher(header);
            while (one.find()) {
                String value = one.group(2) == null ? "" : one.group(2).trim();
                preferences.add(new String[] {one.group(1), value.replace("\"", "")});
            }
        }
    }

    /** Outlook ids that survive a move are wanted. */
    public boolean immutableIds() {
        Optional<String> type = value("IdType");
        if (type.filter("ImmutableId"::equalsIgnoreCase).isEmpty()) {
            return false;
        }
        apply("IdType=\"ImmutableId\"");
        return true;
    }

    public Optional<Integer> maxPageSize() {
        Optional<Integer> size = value("odata.maxpagesize").flatMap(Prefer::positive);
        size.ifPresent(n -> apply("odata.maxpagesize=" + n));
        return size;
    }

    public boolean textBodies() {
        if (value("outlook.body-content-type").filter("text"::equalsIgnoreCase).isEmpty()) {
            return false;
        }
        apply("outlook.body-content-type=\"text\"");
        return true;
    }

    /** Members that were added to an enumeration later may be sent by their names. */
    public boolean unknownEnumMembers() {
        if (value("include-unknown-enum-members").isEmpty()) {
            return false;
        }
        apply("include-unknown-enum-members");
        return true;
    }

    /** Text of the {@code Preference-Applied} header, if anything was. */
    Optional<String> applied() {
        return applied.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", applied));
    }

    private void apply(String preference) {
        if (!applied.contains(preference)) {
            applied.add(preference);
        }
    }

    private Optional<String> value(String name) {
        return preferences.stream()
                .filter(preference -> preference[0].equalsIgnoreCase(name))
                .map(preference -> preference[1])
                .findFirst();
    }

    private static Optional<Integer> positive(String text) {
        try {
            int number = Integer.parseInt(text);
            return number > 0 ? Optional.of(number) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
