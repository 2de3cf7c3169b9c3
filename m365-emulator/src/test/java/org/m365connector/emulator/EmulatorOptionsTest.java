package org.m365connector.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmulatorOptionsTest {

    @Test
    void flagsBecomeOptions() {
        EmulatorOptions options = EmulatorMain.parse(new String[] {
            "--port",
            "1",
            "--https-port",
            "2",
            "--short-lives",
            "--redirect-uri",
            "http://a/b",
            "--public-base",
            "http://e"
        });

        assertThat(options.httpPort()).isEqualTo(1);
        assertThat(options.httpsPort()).isEqualTo(2);
        assertThat(options.shortLives()).isTrue();
        assertThat(options.redirectUris()).containsExactly("http://a/b");
        assertThat(options.publicBase()).contains("http://e");
        assertThatThrownBy(() -> EmulatorMain.parse(new String[] {"--prot", "1"}))
                .hasMessageContaining("--prot");
    }

    @Test
    void singleLimitsOverrideTheFileAndTheFileTheDefaults(@TempDir Path dir) throws IOException {
        Path file = Files.writeString(
                dir.resolve("limits.json"), "{\"entra\":{\"codeSeconds\":5,\"deviceCodeSeconds\":6}}");
        Limits limits = Limits.of(EmulatorOptions.defaults()
                .withShortLives()
                .withLimitsFile(file)
                .withLimit("entra.deviceCodeSeconds", 7));

        assertThat(limits.seconds("entra.codeSeconds")).isEqualTo(Duration.ofSeconds(5));
        assertThat(limits.integer("entra.deviceCodeSeconds")).isEqualTo(7);
        assertThat(limits.between("entra.accessTokenSeconds")).isEqualTo(Duration.ofSeconds(30));
        assertThat(limits.integer("entra.idTokenSeconds")).isEqualTo(3600);
    }

    @Test
    void misspeltLimitsAreRefused(@TempDir Path dir) throws IOException {
        Path file = Files.writeString(dir.resolve("limits.json"), "{\"entra\":{\"codeSecond\":5}}");

        assertThatThrownBy(() -> Limits.of(EmulatorOptions.defaults().withLimitsFile(file)))
                .hasMessageContaining("entra.codeSecond");
        assertThatThrownBy(() -> Limits.of(EmulatorOptions.defaults().withLimit("entra.x", 1)))
                .hasMessageContaining("entra.x");
    }

    @Test
    void aTakenPortIsSaid() {
        try (Emulator first = Emulator.start()) {
            int port = Integer.parseInt(first.httpBase().replaceAll(".*:", ""));

            assertThatThrownBy(() -> Emulator.start(EmulatorOptions.defaults().withPorts(port, 0)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Address already in use");
        }
    }
}
