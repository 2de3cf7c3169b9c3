package org.m365connector.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.LocalSuite;
import org.m365connector.local.suite.Processes;
import org.m365connector.local.suite.ResidentMemory;
import org.m365connector.local.suite.Service;

/** One process of a packaged service, with the settings of every deployment. */
final class Replica implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long TICKS_PER_SECOND = 100;
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final Service service;
    private final Process process;
    private final String url;
    private final Path log;

    /** Ends with this JVM, also when that is interrupted. */
    private static final Set<Process> ALIVE = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> ALIVE.forEach(Process::destroyForcibly), "end-of-replicas"));
    }

    private Replica(Service service, Process process, String url, Path log) {
        this.service = service;
        this.process = process;
        this.url = url;
        this.log = log;
    }

    /** As it is packaged. */
    static Replica start(
            Checkout checkout,
            Service service,
            String url,
            List<String> options,
            Map<String, String> environment,
            Path directory,
            int number) {
        List<String> launch = new ArrayList<>(options);
        launch.addAll(List.of("-jar", checkout.application(service).toString()));
        return start(service, launch, url, environment, directory, number);
    }

    /** @param launch options of the JVM, and what it starts */
    static Replica start(
            Service service,
            List<String> launch,
            String url,
            Map<String, String> environment,
            Path directory,
            int number) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + LocalSuite.heap(service) + "m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager"));
        command.addAll(launch);
        Path log = directory.resolve("replica-" + number + ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        // What this shell sets for some other run must not steer ours.
        builder.environment().keySet().removeIf(name -> name.startsWith("M365_") || name.startsWith("QUARKUS_"));
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            ALIVE.add(process);
            return new Replica(service, process, url, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitReady() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!ready()) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new LocalException(service.module() + " does not get ready; see " + log);
            }
            Processes.pause(Duration.ofMillis(50));
        }
    }

    private boolean ready() {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/q/health/ready"))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted while waiting for " + service.module(), e);
        }
    }

    /** Processor time that it has used, in microseconds; what Linux counts in hundredths of a second. */
    long cpuMicros() {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 1_000_000 / TICKS_PER_SECOND;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long peakMegabytes() {
        return ResidentMemory.peakMegabytes(process.pid());
    }

    long residentMegabytes() {
        return ResidentMemory.megabytes(process.pid());
    }

    /** From now on the peak is that of the time to come. */
    void forgetPeak() {
        ResidentMemory.forgetPeak(process.pid());
    }

    /** kill -9, and waits until it is gone. */
    void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
            ALIVE.remove(process);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted while waiting for the end of a replica", e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                kill();
            }
            ALIVE.remove(process);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill();
        }
    }
}
