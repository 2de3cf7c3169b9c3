package org.m365connector.problem;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The tables of {@code docs/errors.md}, made from the problem types and their texts. Each service's test holds its table against
 * what the code says; only with the system property {@value #WRITE} it writes it.
 */
public final class ProblemCatalogue {

    /** What brings the page up to date; the message of the test that finds it is not. */
    public static final String COMMAND =
            "docs/errors.md is out of date. Bring it up to date with: ./mvnw -T1 -am test -Derrors.write=true"
                    + " -pl libs/problem,libs/capability,auth-service,assignment-service,graph-proxy-service,sync-service"
                    + " -Dtest='*Problem*Test,Outcome*Test' -Dsurefire.failIfNoSpecifiedTests=false";

    private static final String WRITE = "errors.write";

    private ProblemCatalogue() {}

    /**
     * Whether the page has exactly these types in the table of the service.
     *
     * @param service stands in the page as {@code <!-- problems of SERVICE -->} before the table and
     *     {@code <!-- end of SERVICE -->} behind it
     */
    public static boolean isInStep(Path page, String service, ProblemType... types) {
        return isInStep(page, before -> withTable(before, service, types));
    }

    /**
     * The same for a table of something else.
     *
     * @param name stands in the page as {@code <!-- NAME -->} before the table and {@code <!-- end of NAME -->} behind it
     */
    public static boolean isInStep(Path page, String name, String table) {
        return isInStep(
                page, before -> between(before, "<!-- " + name + " -->\n", "<!-- end of " + name + " -->\n", table));
    }

    private static boolean isInStep(Path page, UnaryOperator<String> change) {
        try {
            String before = Files.readString(page);
            String after = change.apply(before);
            if (Boolean.getBoolean(WRITE)) {
                Files.writeString(page, after);
                return true;
            }
            return before.equals(after);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String withTable(String page, String service, ProblemType... types) {
        return between(
                page, "<!-- problems of " + service + " -->\n", "<!-- end of " + service + " -->\n", table(types));
    }

    private static String between(String page, String begin, String end, String table) {
        int from = page.indexOf(begin);
        int to = page.indexOf(end);
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("The page has no place for a table: " + begin.strip());
        }
        return page.substring(0, from + begin.length()) + table + page.substring(to);
    }

    private static String table(ProblemType... types) {
        return Arrays.stream(types)
                .sorted(Comparator.comparing(ProblemType::slug))
                .map(ProblemCatalogue::row)
                .collect(Collectors.joining(
                        "", "| Slug | Status | Meaning | Cause | What to do |\n|---|---|---|---|---|\n", ""));
    }

    private static String row(ProblemType type) {
        ProblemTexts texts = ProblemTexts.of(type, Locale.ENGLISH);
        return "| `%s` | %d | **%s.** %s | %s | %s |\n"
                .formatted(
                        type.slug(),
                        type.status(),
                        cell(texts.title()),
                        cell(texts.meaning()),
                        cell(texts.cause().orElse("")),
                        cell(texts.cure()));
    }

    /** Text as it may stand in a cell of a table. */
    public static String cell(String text) {
        return text.replace("<", "&lt;").replace("|", "\\|");
    }
}
