package org.m365connector.local.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {
    @TempDir
    private Path temporary;

    @Test
    void isHeldByOneLauncherAtATime() {
        try (StateDirectory held = open(false)) {
            assertThat(held.directory()).exists();
            assertThatThrownBy(() -> open(false))
                    .isInstanceOf(LocalException.class)
                    .hasMessageContaining("The suite runs already")
                    .hasMessageContaining("./run stop");
        }
    }

    @Test
    void isGoneAfterwardsUnlessItIsKept() {
        // When
        open(false).close();

        // Then
        assertThat(path()).doesNotExist();

        // When
        StateDirectory kept = open(true);
        Secrets secrets = kept.secrets();
        kept.close();

        // Then
        try (StateDirectory again = open(true)) {
            assertThat(again.secrets()).isEqualTo(secrets);
        }
        try (StateDirectory notKept = open(false)) {
            assertThat(notKept.secrets()).isNotEqualTo(secrets);
        }
    }

    @Test
    void saysWhatIsDeletedWhereStateWasKept() {
        // Given
        StringOutput said = new StringOutput();
        StateDirectory.open(path(), true, Progress.on(said.stream())).close();

        // When
        StateDirectory.open(path(), false, Progress.on(said.stream())).close();

        // Then
        assertThat(said.text()).containsOnlyOnce("Deleting what an earlier ./run --keep has kept");
        assertThat(path()).doesNotExist();

        // When there is nothing any more
        StateDirectory.open(path(), false, Progress.on(said.stream())).close();

        // Then
        assertThat(said.text()).containsOnlyOnce("Deleting");
    }

    @Test
    void leavesTheLogsOfARunThatFailed() throws IOException {
        // Given
        StateDirectory state = open(false);
        Files.writeString(state.log("auth-service"), "why");
        Files.writeString(state.directory().resolve("database"), "data");

        // When
        state.keepLogs();
        state.close();

        // Then
        assertThat(path().resolve("logs/auth-service.log")).hasContent("why");
        assertThat(path().resolve("database")).doesNotExist();
    }

    @Test
    void endsWhatAKilledRunHasLeftAndNothingElse() throws IOException {
        // Given a process of that run, and a stranger whose number stands in the record by chance
        Files.createDirectories(path());
        Process left = new ProcessBuilder("sleep", "60").start();
        Process stranger = new ProcessBuilder("sleep", "61").start();
        ProcessIdentity other = ProcessIdentity.of("stranger", stranger.toHandle());
        new RunRecord(
                        new ProcessIdentity("launcher", Integer.MAX_VALUE, other.started(), "java"),
                        List.of(
                                ProcessIdentity.of("left", left.toHandle()),
                                new ProcessIdentity("reused", other.pid(), other.started(), "java -jar something"),
                                new ProcessIdentity(
                                        "older",
                                        other.pid(),
                                        other.started().minus(Duration.ofMinutes(1)),
                                        other.commandLine())))
                .write(path());
        try {
            // When
            open(false).close();

            // Then
            assertThat(left.isAlive()).isFalse();
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
            left.destroyForcibly();
        }
    }

    @Test
    void endsABackendThatWasNotRecordedYetAndNothingThatOnlyLooksLikeOne() throws IOException {
        // Given what a launcher leaves that was killed while it started PostgreSQL, and two strangers
        Path data = Files.createDirectories(path().resolve("postgres/data"));
        Process unrecorded = program("postgres", "-D", data.toString());
        Process neighbour = program("postgres", "-D", data + "-of-another-checkout");
        Process reader = program("less", data.toString());
        try {
            // When
            open(true).close();

            // Then
            assertThat(unrecorded.isAlive()).isFalse();
            assertThat(neighbour.isAlive()).isTrue();
            assertThat(reader.isAlive()).isTrue();
        } finally {
            List.of(unrecorded, neighbour, reader).forEach(Process::destroyForcibly);
        }
    }

    /** A shell under another name that waits; what it is given besides are its {@code $0} and so on, which nobody reads. */
    private Process program(String name, String... arguments) throws IOException {
        Path link = temporary.resolve(name);
        if (Files.notExists(link)) {
            Files.createSymbolicLink(link, Path.of("/bin/sh").toRealPath());
        }
        List<String> command = new ArrayList<>(List.of(link.toString(), "-c", "read line"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).start();
    }

    private static final class StringOutput {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        PrintStream stream() {
            return new PrintStream(bytes, true, StandardCharsets.UTF_8);
        }

        String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    private StateDirectory open(boolean keep) {
        return StateDirectory.open(path(), keep, Progress.silent());
    }

    private Path path() {
        return temporary.resolve("state");
    }
}
