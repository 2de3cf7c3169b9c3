package org.m365connector.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.Ports;

/** {@code ./run} as a process of its own, with ports and state of its own. */
final class LauncherProcess {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Process process;
    private final Path output;

    private LauncherProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** @param name of its console's file in {@code target} */
    static LauncherProcess start(String name, Path state, Ports ports, String... arguments) {
        Path output = Path.of("target", name + ".out");
        try {
            Files.deleteIfExists(output);
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Dm365.home=" + Checkout.find().root(),
                    "-Dm365.local.state=" + state.toAbsolutePath(),
                    "-Dm365.local.ports=" + ports,
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "org.m365connector.local.Main"));
            command.addAll(List.of(arguments));
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            return new LauncherProcess(builder.start(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitSaid(String text) {
        Awaitility.await(text)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .failFast("the launcher has ended", () -> !process.isAlive() && !said().contains(text))
                .until(() -> said().contains(text));
    }

    String said() {
        try {
            return Files.exists(output) ? Files.readString(output, StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for its end by itself. */
    int exitCode() {
        return exitCode(PATIENCE);
    }

    int exitCode(Duration patience) {
        try {
            if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("The launcher does not end: " + said());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void terminate() {
        process.destroy();
    }

    void kill() {
        process.destroyForcibly();
        exitCode();
    }

    /** All processes that say in their command line or environment that they belong to this state directory. */
    static List<ProcessHandle> processesOf(Path state) {
        String marker = state.toAbsolutePath().toString();
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .filter(process -> worksIn(process, marker))
                .toList();
    }

    private static boolean worksIn(ProcessHandle process, String marker) {
        Path home = Path.of("/proc", Long.toString(process.pid()));
        try {
            return Files.readSymbolicLink(home.resolve("cwd")).startsWith(marker)
                    || Files.readString(home.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                            .contains(marker);
        } catch (IOException e) {
            return false;
        }
    }

    /** What {@code target/local.env} would say. */
    static Map<String, String> environment(Path state) {
        Path file = state.resolveSibling(state.getFileName() + ".env");
        try {
            Map<String, String> variables = new HashMap<>();
            for (String line : Files.readAllLines(file)) {
                String[] parts = line.replace("export ", "").split("=", 2);
                variables.put(parts[0], parts[1].replace("'", ""));
            }
            return variables;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
