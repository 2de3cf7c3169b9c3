package org.m365connector.local.demo;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.m365connector.local.suite.LocalException;

/** Plays steps one by one, and says of each whether it came true and what was seen. */
final class Transcript {
    private final PrintStream out;
    private final List<String> failed = new ArrayList<>();
    private int played;

    Transcript(PrintStream out) {
        this.out = out;
    }

    /** @param step does it, and answers what was seen; throws {@link LocalException} where something did not come true */
    boolean play(String letter, String title, Supplier<List<String>> step) {
        played++;
        long begin = System.nanoTime();
        try {
            List<String> seen = step.get();
            line("✓", letter, title, begin);
            seen.forEach(this::detail);
            return true;
        } catch (LocalException e) {
            failed.add(letter);
            line("✗", letter, title, begin);
            detail(e.getMessage());
            return false;
        }
    }

    boolean allCameTrue() {
        return failed.isEmpty();
    }

    void end() {
        out.println();
        out.println(
                failed.isEmpty()
                        ? "All " + played + " steps came true."
                        : "Did not come true: " + String.join(", ", failed));
        out.flush();
    }

    private void line(String mark, String letter, String title, long begin) {
        double seconds = (System.nanoTime() - begin) / 1e9;
        out.println(String.format(Locale.ROOT, "%s %s  %s  (%.1f s)", mark, letter, title, seconds));
        out.flush();
    }

    private void detail(String text) {
        text.lines().forEach(line -> out.println("       " + line));
        out.flush();
    }
}
