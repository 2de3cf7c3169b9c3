package org.m365connector.local.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StopTest {
    @TempDir
    private Path root;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @Test
    void leavesNoKeysOfALauncherThatWasKilled() throws Exception {
        // Given
        Checkout checkout = new Checkout(root);
        Process launcher = new ProcessBuilder("sleep", "60").start();
        RunRecord record = new RunRecord(ProcessIdentity.of("launcher", launcher.toHandle()), List.of());
        launcher.destroyForcibly().waitFor();
        Files.createDirectories(checkout.localState());
        record.write(checkout.localState());
        Path keys = keysOf(checkout);

        // When
        int status = stop(checkout);

        // Then
        assertThat(status).isZero();
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("The suite has ended");
        assertThat(keys).doesNotExist();
        assertThat(checkout.localState()).doesNotExist();
    }

    @Test
    void leavesNoKeysWhereTheStateIsGoneAlready() throws IOException {
        // Given
        Checkout checkout = new Checkout(root);
        Path keys = keysOf(checkout);

        // When
        int status = stop(checkout);

        // Then
        assertThat(status).isZero();
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("Nothing was running");
        assertThat(keys).doesNotExist();
    }

    private int stop(Checkout checkout) {
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        return new Stop(checkout, Progress.on(out)).run();
    }

    private static Path keysOf(Checkout checkout) throws IOException {
        Files.createDirectories(checkout.localEnv().getParent());
        return Files.writeString(checkout.localEnv(), "export M365_ADMIN_KEY='a key'\n");
    }
}
