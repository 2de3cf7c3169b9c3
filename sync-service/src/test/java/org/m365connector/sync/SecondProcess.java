package org.m365connector.sync;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.m365connector.backends.Ports;

/** This service as it is packaged, with the settings of the tests, beside the one in the tests' JVM. */
public final class SecondProcess {
    private static final Path APPLICATION = Path.of("target", "quarkus-app", "quarkus-run.jar");

    private final Process process;

    private SecondProcess(Process process) {
        this.process = process;
    }

    /** Returns when it is ready. */
    public static SecondProcess start(Map<String, String> different) {
        int port = Ports.free();
        // Tests of two modules may run side by side.
        Path log = Path.of("target", "second-process-" + port + ".log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.add("-Djava.util.logging.manager=org.jboss.logmanager.LogManager");
        command.add("-Dquarkus.http.port=" + port);
        settings().forEach((name, value) -> {
            if (!different.containsKey(name)) {
                command.add("-D" + name + "=" + value);
            }
        });
        different.forEach((name, value) -> command.add("-D" + name + "=" + value));
        command.addAll(List.of("-jar", APPLICATION.toAbsolutePath().toString()));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            Awaitility.await("the second process is ready, see " + log)
                    .atMost(Duration.ofMinutes(3))
                    .until(() -> {
                        if (!process.isAlive()) {
                            throw new IllegalStateException("the second process has ended, see " + log);
                        }
                        return isReady(port);
                    });
            return new SecondProcess(process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** kill -9. */
    public void kill() {
        process.destroyForcibly();
        Awaitility.await().until(() -> !process.isAlive());
    }

    /** What the tests set: the backends, the neighbours, short times. */
    private static Map<String, String> settings() {
        Config config = ConfigProvider.getConfig();
        Map<String, String> settings = new HashMap<>();
        StreamSupport.stream(config.getPropertyNames().spliterator(), false)
                .filter(name -> name.startsWith("m365.")
                        || name.startsWith("quarkus.datasource.jdbc.url")
                        || name.equals("quarkus.datasource.username")
                        || name.equals("quarkus.datasource.password")
                        || name.equals("kafka.bootstrap.servers")
                        || name.equals("mp.messaging.connector.smallrye-kafka.metadata.max.age.ms"))
                .forEach(name ->
                        config.getOptionalValue(name, String.class).ifPresent(value -> settings.put(name, value)));
        return settings;
    }

    private static boolean isReady(int port) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/q/health/ready"))
                .timeout(Duration.ofSeconds(2))
                .build();
        try {
            return HttpClient.newHttpClient()
                            .send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
