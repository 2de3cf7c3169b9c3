package org.m365connector.backends;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A Kafka broker (KRaft, one node) in a JVM of its own: about 140 MB, up in two to three seconds.
 *
 * <p>The process ends when this JVM ends, however it ends: it watches its standard input, which closes with us. It is deaf
 * to Ctrl-C, so that whoever started it can stop the services before the broker.
 */
public final class KafkaProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private final Path directory;
    private final int port;
    private final boolean temporary;
    private Process process;

    private KafkaProcess(Path directory, int port, boolean temporary) {
        this.directory = directory;
        this.port = port;
        this.temporary = temporary;
    }

    /** Starts a broker on a free port in a temporary directory, which {@link #close()} deletes. */
    public static KafkaProcess start() {
        return start(Directories.temporary("m365-kafka-"), Ports.free(), true);
    }

    /**
     * Starts a broker with what the directory holds; an empty or missing directory is a new broker. Its output goes to
     * {@code kafka.log} there.
     *
     * @throws IllegalStateException if it does not come up, with the last words of its log
     */
    public static KafkaProcess start(Path directory, int port) {
        return start(directory, port, false);
    }

    private static KafkaProcess start(Path directory, int port, boolean temporary) {
        Directories.create(directory);
        var broker = new KafkaProcess(directory, port, temporary);
        broker.restart();
        return broker;
    }

    /** {@code localhost:port}; the same over stops and restarts. */
    public String bootstrapServers() {
        return "localhost:" + port;
    }

    /** The process id, for who wants to see it or to kill it. */
    public synchronized long pid() {
        return process.pid();
    }

    /** Makes a topic unless it is there already. */
    public void createTopic(String name, int partitions, Map<String, String> config) {
        KafkaTopics.create(bootstrapServers(), name, partitions, config);
    }

    /** Starts the stopped broker again: same port, same directory. */
    public synchronized void restart() {
        if (process != null && process.isAlive()) {
            return;
        }
        try {
            Path log = directory.resolve("kafka.log");
            process = new ProcessBuilder(command())
                    .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            awaitReady(log);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start Kafka", e);
        }
    }

    /** Stops the broker in an orderly way; what it stored stays for {@link #restart()}. */
    public synchronized void stop() {
        try {
            process.getOutputStream().write(Main.STOP);
            process.getOutputStream().close();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (IOException e) {
            kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill();
        }
    }

    /** {@code kill -9}. */
    public synchronized void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        stop();
        if (temporary) {
            Directories.delete(directory);
        }
    }

    private List<String> command() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        // A signal that is ignored stays ignored over exec; the JVM respects that.
        return List.of(
                "sh",
                "-c",
                "trap '' INT; exec \"$0\" \"$@\"",
                java,
                // It begins small and may grow: a broker for which each test makes a portal holds thousands of
                // partitions,
                // and one that has run out of heap is a riddle to whoever waits for it. It ends, and says why.
                "-Xms96m",
                "-Xmx1g",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // A broker of a few minutes does not earn back the check of some ten thousand classes.
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:-BytecodeVerificationRemote",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                directory.toString(),
                Integer.toString(port),
                Boolean.toString(temporary));
    }

    /** Reads what the process says until it says that it is ready. */
    private void awaitReady(Path log) throws IOException {
        var starting = process;
        var watchdog = CompletableFuture.runAsync(
                starting::destroyForcibly, CompletableFuture.delayedExecutor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        var output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = output.readLine();
        while (line != null && !line.equals(Main.READY)) {
            line = output.readLine();
        }
        watchdog.cancel(false);
        if (line == null) {
            throw new IllegalStateException("Kafka does not start on port " + port + ": " + lastWords(log));
        }
    }

    private static String lastWords(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    }

    /** The process's own entry: a broker until standard input ends. */
    static final class Main {

        private static final String READY = "ready";
        private static final int STOP = 's';

        private Main() {}

        public static void main(String... args) throws IOException {
            var parent = System.in;
            Path directory = Path.of(args[0]);
            var output = System.out;
            // Nobody reads what comes after the one word that the parent waits for.
            System.setOut(System.err);
            KafkaNode node;
            try {
                node = KafkaNode.start(directory, Integer.parseInt(args[1]));
            } catch (RuntimeException e) {
                e.printStackTrace();
                // Kafka leaves threads behind when it fails to start; they must not keep the process.
                Runtime.getRuntime().halt(1);
                return;
            }
            Runtime.getRuntime().addShutdownHook(new Thread(node::stop, "kafka-stop"));
            output.println(READY);
            if (parent.read() != STOP && Boolean.parseBoolean(args[2])) {
                // The parent died and will not clean up.
                node.stop();
                Directories.delete(directory);
            }
            System.exit(0);
        }
    }
}
