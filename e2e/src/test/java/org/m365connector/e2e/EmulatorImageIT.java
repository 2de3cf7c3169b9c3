package org.m365connector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.m365connector.local.suite.Checkout;

/** The emulator with the jars that its image gets, which are picked by name: it has to start with these alone. */
class EmulatorImageIT {
    private static final Pattern STAGE = Pattern.compile("FROM base AS emulator\\R(.*?)\\RFROM ", Pattern.DOTALL);
    private static final Pattern COPIED = Pattern.compile("(local/target/lib)/(\\S+\\.jar)");

    @TempDir
    Path temporary;

    @Test
    void startsWithTheJarsOfItsImage() throws IOException {
        Path log = temporary.resolve("emulator.log");
        Process emulator = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classPath(Checkout.find().root()),
                        "org.m365connector.emulator.EmulatorMain",
                        "--port",
                        "0",
                        "--https-port",
                        "0")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            Awaitility.await()
                    .atMost(Duration.ofMinutes(3))
                    .until(() -> !emulator.isAlive() || Files.readString(log).contains("emulator ready"));

            assertThat(Files.readString(log)).contains("emulator ready http=").doesNotContain("Exception");
        } finally {
            emulator.destroyForcibly();
        }
    }

    private static String classPath(Path root) throws IOException {
        Matcher stage = STAGE.matcher(Files.readString(root.resolve("deploy/Dockerfile")));
        assertThat(stage.find()).isTrue();
        List<String> jars = new ArrayList<>();
        Matcher copied = COPIED.matcher(stage.group(1));
        while (copied.find()) {
            try (DirectoryStream<Path> found =
                    Files.newDirectoryStream(root.resolve(copied.group(1)), copied.group(2))) {
                found.forEach(jar -> jars.add(jar.toString()));
            }
        }
        return String.join(File.pathSeparator, jars);
    }
}
