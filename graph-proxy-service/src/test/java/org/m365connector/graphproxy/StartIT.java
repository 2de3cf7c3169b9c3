package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.KafkaProcess;
import org.m365connector.backends.Ports;

/** The packaged service refuses to start with a configuration that it does not understand. */
class StartIT {

    private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");

    @Test
    void unknownKeyFailsTheStartAndIsNamed() throws Exception {
        assertThat(failedStart("-Dm365.admin-key=0123456789abcdef", "-Dm365.proxy-uri=http://localhost"))
                .contains("m365.proxy-uri");
    }

    @Test
    void missingSecretFailsTheStartAndIsNamed() throws Exception {
        assertThat(failedStart("-Dm365.service-keys=0123456789abcdef")).contains("m365.admin-key");
    }

    @Test
    void stopWithoutCallsIsFast() throws Exception {
        int port = Ports.free();
        try (KafkaProcess kafka = KafkaProcess.start()) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Dm365.admin-key=0123456789abcdef",
                            "-Dm365.service-keys=fedcba9876543210",
                            "-Dm365.proxy-url=http://localhost:1",
                            "-Dm365.auth-url=http://localhost:2",
                            "-Dkafka.bootstrap.servers=" + kafka.bootstrapServers(),
                            "-Dquarkus.http.port=" + port,
                            "-jar",
                            JAR.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(Path.of("target/stop-it.log").toFile())
                    .start();
            try {
                await().atMost(Duration.ofMinutes(3)).until(() -> {
                    try (Socket socket = new Socket("localhost", port)) {
                        return socket.isConnected();
                    } catch (IOException e) {
                        return false;
                    }
                });
                process.destroy();
                assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
            } finally {
                process.destroyForcibly();
            }
        }
    }

    private static String failedStart(String... properties) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto"));
        command.addAll(List.of(properties));
        command.addAll(List.of(
                "-Dm365.proxy-url=http://localhost:1",
                "-Dm365.auth-url=http://localhost:2",
                "-Dquarkus.http.port=0",
                "-jar",
                JAR.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).as(output).isNotZero();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
