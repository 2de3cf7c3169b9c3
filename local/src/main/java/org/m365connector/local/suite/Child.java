package org.m365connector.local.suite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One process of the suite, with everything it says in a log file of its own. */
final class Child {
    private final String name;
    private final List<String> command;
    private final Map<String, String> environment;
    private final Path directory;
    private final Path log;
    private volatile Process process;

    Child(String name, List<String> command, Map<String, String> environment, Path directory, Path log) {
        this.name = name;
        this.command = List.copyOf(command);
        this.environment = Map.copyOf(environment);
        this.directory = directory;
        this.log = log;
    }

    ProcessIdentity start() {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        // What this shell sets for some other run must not steer ours; a proxy or a locale may.
        builder.environment().keySet().removeIf(Child::steersServices);
        builder.environment().putAll(environment);
        try {
            process = builder.start();
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ProcessIdentity.of(name, process.toHandle());
    }

    private static boolean steersServices(String variable) {
        return Stream.of("M365_", "QUARKUS_", "KAFKA_", "MP_", "SMALLRYE_", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS")
                .anyMatch(variable::startsWith);
    }

    String name() {
        return name;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    boolean started() {
        return process != null;
    }

    boolean alive() {
        return process != null && process.isAlive();
    }

    /** As the system would say it: 137 for a kill -9. */
    int exitCode() {
        return process.exitValue();
    }

    /** kill -9, and waits until it is gone. */
    void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted while waiting for the end of " + name, e);
        }
    }

    Path log() {
        return log;
    }

    List<String> lastLogLines(int count) {
        return lastLines(log, count);
    }

    static List<String> lastLines(Path log, int count) {
        if (!Files.isRegularFile(log)) {
            return List.of();
        }
        try {
            List<String> lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            return lines.subList(Math.max(0, lines.size() - count), lines.size());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
