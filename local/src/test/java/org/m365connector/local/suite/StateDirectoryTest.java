package org.m365connector.local.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

    private StateDirectory open(boolean keep) {
        return StateDirectory.open(path(), keep, Progress.silent());
    }

    private Path path() {
        return temporary.resolve("state");
    }
}
