package org.m365connector.local.suite;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Which process was meant, so that a later run never ends a stranger that happens to have the same number: number, start
 * and command line must all be the recorded ones.
 */
record ProcessIdentity(String name, long pid, Instant started, String commandLine) {
    /** The system derives the start from its boot time, which the clock's corrections move a little. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(2);

    static ProcessIdentity of(String name, ProcessHandle process) {
        return new ProcessIdentity(
                name, process.pid(), process.info().startInstant().orElse(Instant.EPOCH), commandLine(process.pid()));
    }

    /** The very same process, if it still runs. */
    Optional<ProcessHandle> running() {
        return ProcessHandle.of(pid)
                .filter(Processes::runs)
                .filter(process -> sameStart(process.info().startInstant().orElse(Instant.EPOCH)))
                .filter(process -> commandLine(pid).equals(commandLine));
    }

    private boolean sameStart(Instant other) {
        return Duration.between(started, other).abs().compareTo(CLOCK_TOLERANCE) <= 0;
    }

    /** The arguments of a process, separated by blanks; empty if it is gone or has become a zombie. */
    static String commandLine(long pid) {
        return String.join(" ", arguments(pid)).trim();
    }

    /** The program of a process and its arguments; none if it is gone or has become a zombie. */
    static List<String> arguments(long pid) {
        try {
            byte[] arguments = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "cmdline"));
            String text = new String(arguments, StandardCharsets.UTF_8);
            return text.isEmpty() ? List.of() : List.of(text.split("\0"));
        } catch (IOException e) {
            return List.of();
        }
    }
}
