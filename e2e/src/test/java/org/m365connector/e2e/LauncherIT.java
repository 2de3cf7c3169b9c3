package org.m365connector.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.m365connector.local.suite.Ports;
import org.m365connector.local.suite.Service;

/** What {@code ./run} does when something is in its way, and what it leaves behind: nothing. */
class LauncherIT {
    private static final String READY = "Ctrl-C ends everything";

    @Test
    void aTakenPortIsNamedWithItsHolder() throws IOException {
        // Given
        Ports ports = Ports.free();
        try (ServerSocket stranger = new ServerSocket(ports.of(Service.PROXY), 1, InetAddress.getLoopbackAddress())) {
            // When
            LauncherProcess launcher = LauncherProcess.start("port-taken", state("port-taken"), ports);

            // Then
            assertThat(launcher.exitCode()).isEqualTo(1);
            assertThat(launcher.said())
                    .contains("port " + stranger.getLocalPort() + " (graph-proxy-service) is taken")
                    .contains("process " + ProcessHandle.current().pid());
        }
        assertNothingIsLeft(state("port-taken"));
    }

    @Test
    void aTenantFileThatIsMissingIsNamedAndNothingIsStarted() {
        LauncherProcess launcher =
                LauncherProcess.start("no-tenant", state("no-tenant"), Ports.free(), "--tenant", "no-such.env");

        assertThat(launcher.exitCode()).isEqualTo(1);
        assertThat(launcher.said()).contains("no-such.env");
        assertNothingIsLeft(state("no-tenant"));
    }

    @Test
    void aSignalDuringTheStartEndsEverythingThatCameUp() {
        // Given
        Path state = state("early-end");
        LauncherProcess launcher = LauncherProcess.start("early-end", state, Ports.free());
        await().atMost(Duration.ofSeconds(60))
                .until(() -> LauncherProcess.processesOf(state).size() > 2);

        // When
        launcher.terminate();

        // Then
        assertThat(launcher.exitCode()).isEqualTo(143);
        assertNothingIsLeft(state);
    }

    @Test
    void aKilledLauncherIsCleanedUpByTheNextWhichLeavesNothingItself() throws IOException {
        // Given a running suite
        Path state = state("killed");
        Ports ports = Ports.free();
        LauncherProcess first = LauncherProcess.start("killed-first", state, ports);
        first.awaitSaid(READY);
        Path env = state.resolveSibling("killed.env");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(env)))
                .isEqualTo("rw-------");
        assertThat(LauncherProcess.environment(state))
                .containsKeys(
                        "M365_ADMIN_KEY",
                        "M365_PORTAL",
                        "M365_PORTAL_KEY",
                        "M365_REGISTRATION",
                        "AUTH_URL",
                        "ASSIGNMENT_URL",
                        "PROXY_URL",
                        "SYNC_URL",
                        "EMULATOR_URL",
                        "KAFKA_BOOTSTRAP",
                        "POSTGRES_URL");

        // When somebody starts a second one
        LauncherProcess second = LauncherProcess.start("killed-second", state, ports);

        // Then it is refused and the first goes on
        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.said()).contains("The suite runs already").contains("./run stop");

        // When the first is killed, and another one is started
        first.kill();
        LauncherProcess third = LauncherProcess.start("killed-third", state, ports);
        third.awaitSaid(READY);

        // Then it has cleaned up
        assertThat(third.said()).contains("The previous run was killed: cleaning up");

        // When it is stopped from elsewhere
        LauncherProcess stop = LauncherProcess.start("killed-stop", state, ports, "stop");

        // Then
        assertThat(stop.exitCode()).isZero();
        assertThat(third.exitCode()).isEqualTo(143);
        assertNothingIsLeft(state);
        assertThat(env).doesNotExist();
        assertThat(ports.taken()).isEmpty();
    }

    private static Path state(String name) {
        return Path.of("target", "launcher", name).toAbsolutePath();
    }

    private static void assertNothingIsLeft(Path state) {
        assertThat(LauncherProcess.processesOf(state)).isEmpty();
        assertThat(state).doesNotExist();
    }
}
