package org.m365connector.assignment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Starts the packaged service as its operator does. */
class StartIT {
    @Test
    void unknownConfigurationKeyFailsTheStart() throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var process = new ProcessBuilder(
                        java,
                        "-Dm365.veiw.stale-after=1s",
                        "-Dm365.admin-key=admin-key-for-tests-0123456789",
                        "-Dm365.service-keys=service-key-for-tests-0123456789",
                        "-Dquarkus.http.port=0",
                        "-jar",
                        Path.of("target", "quarkus-app", "quarkus-run.jar").toString())
                .redirectErrorStream(true)
                .start();
        try {
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).isNotZero();
            assertThat(output).contains("m365.veiw.stale-after");
        } finally {
            process.destroyForcibly();
        }
    }
}
