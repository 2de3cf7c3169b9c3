package org.m365connector.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.vault.Keygen;

/** The packaged service as its own process. */
class StartIT {

    @Test
    void anUnknownSettingFailsTheStart() throws IOException, InterruptedException {
        String output = start("-Dm365.entra.autority=https://typo.example");

        assertThat(output).contains("m365.entra.autority");
    }

    @Test
    void thereIsNoStartWithoutAVaultKeyAndItIsSaidHowToMakeOne() throws IOException, InterruptedException {
        assertThat(start()).contains("no vault key").contains("./run keygen");
    }

    @Test
    void keygenMakesAndChangesKeysetsOnThePackagedServicesClasspath() throws IOException, InterruptedException {
        String fresh = keygen("", 0);
        assertThat(fresh).matches("[A-Za-z0-9_-]{100,}");

        String added = keygen(fresh, 0, "--add");
        String promoted = keygen(added, 0, "--promote");
        String retired = keygen(promoted, 0, "--retire");

        assertThat(added).hasSizeGreaterThan(fresh.length()).isNotEqualTo(promoted);
        assertThat(retired).hasSizeLessThan(promoted.length()).isNotEqualTo(fresh);
        assertThat(keygen("no keyset", 1, "--add")).isEqualTo("the input is not a Tink AEAD keyset");
        assertThat(keygen(fresh, 1, "--turn")).contains("--promote");
    }

    private static String keygen(String input, int expected, String... arguments)
            throws IOException, InterruptedException {
        Path app = Path.of("target", "quarkus-app");
        String jars = app.resolve("lib/main") + "/*" + File.pathSeparator + app.resolve("app") + "/*";
        var command = new java.util.ArrayList<>(List.of(java(), "-cp", jars, Keygen.class.getName()));
        command.addAll(List.of(arguments));
        return run(command, input, expected).strip();
    }

    private static String start(String... settings) throws IOException, InterruptedException {
        var command = new java.util.ArrayList<>(List.of(java()));
        command.addAll(List.of(settings));
        command.addAll(List.of(
                "-Dm365.admin-key=admin-key-for-tests-0123456789",
                "-Dm365.service-keys=service-key-for-tests-0123456789",
                "-Dquarkus.http.port=0",
                "-Dquarkus.flyway.migrate-at-start=false",
                "-Dquarkus.datasource.jdbc.url=jdbc:postgresql://localhost:1/none",
                "-Dkafka.bootstrap.servers=localhost:1",
                "-jar",
                "target/quarkus-app/quarkus-run.jar"));
        return run(command, "", 1);
    }

    private static String run(List<String> command, String input, int expected)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile("auth-start", ".log");
        Path in = Files.writeString(Files.createTempFile("auth-start", ".in"), input);
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(in.toFile())
                .redirectOutput(output.toFile());
        // One environment serves all services: what is meant for the others is no mistake.
        builder.environment()
                .putAll(Map.of(
                        "M365_AUTH_URL", "http://localhost:8081",
                        "M365_PUBLIC_NOTIFICATION_URL", "http://localhost:8084",
                        "M365_CLIENT_STATE_KEY", "0123456789abcdef0123456789abcdef"));
        builder.environment().keySet().removeIf(name -> name.startsWith("M365_VAULT"));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("ends").isTrue();
            String text = Files.readString(output, StandardCharsets.UTF_8);
            assertThat(process.exitValue()).as(text).isEqualTo(expected);
            return text;
        } finally {
            process.destroyForcibly();
            Files.delete(output);
            Files.delete(in);
        }
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
