package org.m365connector.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The packaged service, as an operator starts it. */
class StartIT {
    private static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");

    @Test
    void misspeltKeyFailsTheStart() throws Exception {
        assertThat(failedStart("-Dm365.sync.action.wrokers=4")).contains("m365.sync.action.wrokers");
    }

    @Test
    void missingSecretFailsTheStart() throws Exception {
        assertThat(failedStart("-Dm365.sync.roles=door")).contains("m365.client-state-key");
    }

    private static String failedStart(String setting) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                setting,
                "-Dkafka.bootstrap.servers=localhost:1",
                "-Dquarkus.datasource.jdbc.url=jdbc:postgresql://localhost:1/nowhere",
                "-Dm365.proxy-url=http://localhost:1",
                "-Dm365.auth-url=http://localhost:1",
                "-Dm365.admin-key=admin-key-of-the-tests",
                "-Dm365.service-keys=service-key-of-the-tests",
                "-Dquarkus.http.port=0",
                "-jar",
                JAR.toString()));
        Path output = Files.createTempFile("sync-start", ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(3, TimeUnit.MINUTES))
                    .as("ends by itself")
                    .isTrue();
            assertThat(process.exitValue()).isNotZero();
            return Files.readString(output, StandardCharsets.UTF_8);
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(output);
        }
    }
}
