package org.m365connector.outbox;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.m365connector.backends.Database;

/** A relay in a JVM of its own, as one replica of a service: can be paused and killed like one. */
final class RelayProcess implements AutoCloseable {

    private final Process process;
    private final Path log;

    private RelayProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    static RelayProcess start(Stage stage) {
        try {
            Path log = Files.createTempFile("m365-relay-", ".log");
            Process process = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx64m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-Dorg.jboss.logging.provider=jdk",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Main.class.getName(),
                            stage.name(),
                            stage.access.jdbcUrl(),
                            stage.access.username(),
                            stage.access.password(),
                            Stage.KAFKA.bootstrapServers()))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            return new RelayProcess(process, log);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** {@code kill -STOP}: it stands still, and keeps its connections. */
    void pause() {
        Signals.send("STOP", pid());
    }

    void resume() {
        Signals.send("CONT", pid());
    }

    /** {@code kill -9}. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        kill();
        File file = log.toFile();
        if (!file.delete()) {
            file.deleteOnExit();
        }
    }

    /** The process's own entry; ends with its parent. */
    static final class Main {

        private Main() {}

        public static void main(String... args) throws IOException {
            var access = new Database(args[1], args[2], args[3], args[0]);
            var kafka = Map.<String, Object>of("bootstrap.servers", args[4]);
            new OutboxRelay(
                            Stage.settings(args[0], Duration.ofSeconds(10)),
                            Stage.pool(access),
                            kafka,
                            new SimpleMeterRegistry())
                    .start();
            while (System.in.read() >= 0) {
                // Whatever is said to us, only the end counts.
            }
            Runtime.getRuntime().halt(0);
        }
    }
}
