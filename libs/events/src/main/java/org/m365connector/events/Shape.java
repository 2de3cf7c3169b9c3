package org.m365connector.events;

/** Of which characters an id consists, and how many at most. It is looked at several times in every call, so without a regular expression. */
final class Shape {

    private final String pattern;
    private final int longest;
    private final boolean[] allowed;

    private Shape(String pattern, int longest, boolean[] allowed) {
        this.pattern = pattern;
        this.longest = longest;
        this.allowed = allowed;
    }

    /** @param characters ASCII, each one allowed */
    static Shape of(String pattern, int longest, String characters) {
        boolean[] allowed = new boolean[128];
        characters.chars().forEach(c -> allowed[c] = true);
        return new Shape(pattern, longest, allowed);
    }

    /** @return all characters from the first to the last */
    static String range(char first, char last) {
        StringBuilder all = new StringBuilder();
        for (char c = first; c <= last; c++) {
            all.append(c);
        }
        return all.toString();
    }

    /** @param text or null, which never fits */
    boolean fits(String text) {
        if (text == null || text.isEmpty() || text.length() > longest) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= allowed.length || !allowed[c]) {
                return false;
            }
        }
        return true;
    }

    /** For people. */
    String pattern() {
        return pattern;
    }
}
