package org.m365connector.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The figures of one benchmark beside their budgets. */
final class Report {
    private final String name;
    private final Path root;
    private final List<Result> results = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private long seed;

    /** One figure; {@code budget} says in words what it has to be. */
    record Result(String what, double value, String unit, String budget, boolean ok) {}

    /** How it is written: the format that the design fixes. */
    private record Document(String name, String commit, String machine, long seed, List<Result> results) {}

    Report(String name, Path root) {
        this.name = name;
        this.root = root;
    }

    /** What chance was made from, where a benchmark uses any. */
    void seed(long newSeed) {
        seed = newSeed;
    }

    /** A figure that has to be at least this. */
    void atLeast(long limit, String what, Number figure, String unit) {
        double value = figure.doubleValue();
        results.add(new Result(what, value, unit, ">= " + limit, value >= limit));
    }

    /** A ratio that has to be at least this. */
    void atLeast(double limit, String what, double value) {
        results.add(new Result(what, value, "", ">= " + limit, value >= limit));
    }

    /** A figure that may be this at most. */
    void atMost(double limit, String what, double value, String unit) {
        results.add(new Result(what, value, unit, "<= " + limit, value <= limit));
    }

    /** Something that could not be measured here, and why. */
    void missing(String what, String why) {
        notes.add(what + ": " + why);
    }

    /** A figure that has to be exactly this. */
    void exactly(long wanted, String what, Number figure, String unit) {
        double value = figure.doubleValue();
        results.add(new Result(what, value, unit, "= " + wanted, value == wanted));
    }

    /** A figure without a budget, to be seen beside the others. */
    void beside(String what, Number figure, String unit) {
        double value = figure.doubleValue();
        results.add(new Result(what, value, unit, "", true));
    }

    /** A figure that has to be smaller than this. */
    void below(long limit, String what, Number figure, String unit) {
        double value = figure.doubleValue();
        results.add(new Result(what, value, unit, "< " + limit, value < limit));
    }

    Path write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Path file = directory.resolve(name + ".json");
        Document document = new Document(name, commit(), machine(), seed, results);
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), document);
        return file;
    }

    void print(PrintStream out) {
        out.println();
        out.println(machine());
        out.println(String.format(Locale.ROOT, "%-56s %10s %-4s %10s", "what", "value", "", "budget"));
        for (Result result : results) {
            out.println(String.format(
                    Locale.ROOT,
                    "%-56s %10s %-4s %10s %s",
                    result.what(),
                    shown(result.value()),
                    result.unit(),
                    result.budget(),
                    result.ok() ? "" : "  over"));
        }
        notes.forEach(out::println);
    }

    private static String shown(double value) {
        return value == Math.rint(value) ? Long.toString(Math.round(value)) : String.format(Locale.ROOT, "%.2f", value);
    }

    private static String machine() {
        try {
            String cpu = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown processor");
            return Runtime.getRuntime().availableProcessors() + " × " + cpu + ", " + System.getProperty("os.name") + " "
                    + System.getProperty("os.version");
        } catch (IOException e) {
            return Runtime.getRuntime().availableProcessors() + " processors, " + System.getProperty("os.name");
        }
    }

    private String commit() throws IOException {
        Process git = new ProcessBuilder("git", "rev-parse", "HEAD")
                .directory(root.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return said.matches("[0-9a-f]{40}") ? said : "none";
    }
}
