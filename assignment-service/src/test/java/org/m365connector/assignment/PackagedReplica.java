package org.m365connector.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.restassured.RestAssured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.m365connector.backends.Database;
import org.m365connector.backends.Ports;

/** The packaged service in a process of its own, on a port that it keeps. */
final class PackagedReplica implements AutoCloseable {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final ProcessBuilder command;
    private final int port = Ports.free();
    private Process process;

    PackagedReplica(Database database, String bootstrapServers) {
        command = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx160m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        // A process of a minute does not earn back the check of some ten thousand classes.
                        "-XX:+UnlockDiagnosticVMOptions",
                        "-XX:-BytecodeVerificationRemote",
                        "-Dm365.admin-key=" + TestPortal.ADMIN_KEY,
                        "-Dm365.service-keys=service-key-for-tests-0123456789",
                        "-Dm365.transfer.silence=10s",
                        "-Dkafka.bootstrap.servers=" + bootstrapServers,
                        "-Dquarkus.datasource.jdbc.url=" + database.jdbcUrl(),
                        "-Dquarkus.datasource.username=" + database.username(),
                        "-Dquarkus.datasource.password=" + database.password(),
                        "-Dquarkus.http.port=" + port,
                        "-jar",
                        Path.of("target", "quarkus-app", "quarkus-run.jar").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        Path.of("target", "replica-" + port + ".log").toFile()));
        start();
    }

    void start() {
        try {
            process = command.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String url() {
        return "http://localhost:" + port;
    }

    /** From now on REST Assured's calls go here. */
    void isAsked() {
        RestAssured.baseURI = "http://localhost";
        RestAssured.port = port;
    }

    void awaitReady() {
        var ready = HttpRequest.newBuilder(URI.create(url() + "/q/health/ready"))
                .timeout(Duration.ofSeconds(10))
                .build();
        await().atMost(TestPortal.SOON).ignoreExceptions().until(() -> {
            assertThat(process.isAlive()).isTrue();
            return CLIENT.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        });
    }

    /** {@code kill}: it says good-bye to Kafka. */
    void stop() {
        process.destroy();
        process.onExit().join();
    }

    /** {@code kill -9} */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
