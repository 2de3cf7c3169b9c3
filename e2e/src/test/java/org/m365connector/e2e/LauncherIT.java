package org.m365connector.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.m365connector.local.demo.Answer;
import org.m365connector.local.demo.Rest;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.LocalSuite;
import org.m365connector.local.suite.PortalNotes;
import org.m365connector.local.suite.Ports;
import org.m365connector.local.suite.Service;
import org.m365connector.local.suite.Tenant;

/** What {@code ./run} does when something is in its way, and what it leaves behind: nothing. */
class LauncherIT {
    private static final String READY = "Ctrl-C ends everything";
    private static final String CLEANING_UP = "The previous run was killed: cleaning up";

    private final Launchers launchers = new Launchers();

    @AfterEach
    void endWhatIsLeft() {
        launchers.end();
    }

    @Test
    void aTakenPortIsNamedWithItsHolder() throws IOException {
        // Given
        Ports ports = Ports.free();
        try (ServerSocket stranger = new ServerSocket(ports.of(Service.PROXY), 1, InetAddress.getLoopbackAddress())) {
            // When
            LauncherProcess launcher = launchers.start("port-taken", state("port-taken"), ports);

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
                launchers.start("no-tenant", state("no-tenant"), Ports.free(), "--tenant", "no-such.env");

        assertThat(launcher.exitCode()).isEqualTo(1);
        assertThat(launcher.said()).contains("no-such.env");
        assertNothingIsLeft(state("no-tenant"));
    }

    @Test
    void keptStateOfTheEmulatorIsNotUsedForARealTenantAndStaysAsItIs() throws IOException {
        // Given
        Path state = state("other-kind");
        Path notes = state.resolve("portal.json");
        PortalNotes.none(Tenant.ofEmulator()).write(notes);
        Path tenant = Path.of("target", "other-kind-tenant.env");
        Files.writeString(
                tenant,
                "TENANT_ID=t\nTENANT_CLIENT_ID=c\nTENANT_CLIENT_SECRET=s\nTENANT_ADMIN_UPN=ada@contoso.example\n");

        // When
        LauncherProcess launcher = launchers.start(
                "other-kind",
                state,
                Ports.free(),
                "--keep",
                "--tenant",
                tenant.toAbsolutePath().toString());

        // Then
        assertThat(launcher.exitCode()).isEqualTo(1);
        assertThat(launcher.said()).contains("is of the emulator, and cannot go on with a real tenant", "./run --keep");
        assertThat(notes).exists();
        assertThat(LauncherProcess.processesOf(state)).isEmpty();
    }

    @Test
    void stopDuringTheStartEndsEverythingThatCameUp() {
        // Given
        Path state = state("early-end");
        Ports ports = Ports.free();
        LauncherProcess launcher = launchers.start("early-end", state, ports);
        await().atMost(Duration.ofMinutes(3))
                .until(() -> LauncherProcess.processesOf(state).size() > 2);

        // When somebody is impatient
        LauncherProcess demo = launchers.start("early-demo", state, Ports.free(), "demo");

        // Then he is told to wait
        assertThat(demo.exitCode()).isEqualTo(1);
        assertThat(demo.said()).contains("still starting");

        // When
        LauncherProcess stop = launchers.start("early-stop", state, ports, "stop");

        // Then SIGTERM has ended it
        assertThat(stop.exitCode()).isZero();
        assertThat(launcher.exitCode()).isEqualTo(143);
        assertNothingIsLeft(state);
        assertThat(ports.taken()).isEmpty();
    }

    @Test
    void stopEndsThePostgresOfALauncherThatWasKilledWhileItStartedIt() {
        // Given
        Path state = state("killed-early");
        Ports ports = Ports.free();
        killedWhilePostgresStarts("killed-early", state, ports);

        // When
        LauncherProcess stop = launchers.start("killed-early-stop", state, ports, "stop");

        // Then
        assertThat(stop.exitCode()).isZero();
        assertNothingIsLeft(state);
        assertThat(ports.taken()).isEmpty();
    }

    private void killedWhilePostgresStarts(String name, Path state, Ports ports) {
        LauncherProcess launcher = launchers.start(name, state, ports);
        // Making the databases has a file of this name, too, but no port of ours in it.
        Path pidFile = state.resolve("postgres/data/postmaster.pid");
        await().atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(5))
                // The other one may go between the question and the look.
                .ignoreException(NoSuchFileException.class)
                .until(() -> Files.exists(pidFile)
                        && Files.readAllLines(pidFile).contains(Integer.toString(ports.postgres())));
        launcher.kill();
    }

    @Test
    void aKilledLauncherIsCleanedUpByTheNextWhichGoesOnWithWhatWasKept() throws IOException {
        // Given a suite whose start was killed once
        Path state = state("killed");
        Ports ports = Ports.free();
        killedWhilePostgresStarts("killed-early-on", state, ports);
        LauncherProcess first = launchers.start("killed-first", state, ports, "--keep");
        first.awaitSaid(READY);
        assertThat(first.said()).contains(CLEANING_UP);
        Path env = state.resolveSibling("killed.env");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(env)))
                .isEqualTo("rw-------");
        Map<String, String> variables = LauncherProcess.environment(state);
        assertThat(variables)
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
        LauncherProcess second = launchers.start("killed-second", state, ports);

        // Then it is refused and the first goes on
        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.said()).contains("The suite runs already").contains("./run stop");

        // When the first is killed, and the demo is played
        first.kill();
        LauncherProcess demo = launchers.start("killed-demo", state, ports, "demo", "--keep");
        demo.awaitSaid("sync-service is ready");

        // Then what was killed has been cleaned up, and what was kept is in use
        assertThat(demo.said()).contains(CLEANING_UP);
        await("the kept portal is known")
                .atMost(Duration.ofMinutes(3))
                .ignoreExceptionsInstanceOf(LocalException.class)
                .until(() -> capabilities(variables).status() == 200);

        // And it comes true, ends, and leaves only what is to be kept
        assertThat(demo.exitCode(SharedSuite.DEMO_PATIENCE)).as(demo::said).isZero();
        assertThat(LauncherProcess.processesOf(state)).isEmpty();
        assertThat(env).doesNotExist();
        assertThat(ports.taken()).isEmpty();
        assertThat(state.resolve("postgres/data")).isNotEmptyDirectory();

        // When it is not to be kept any longer
        LocalSuite.builder(Checkout.find())
                .directory(state)
                .ports(ports)
                .prepare()
                .close();

        // Then
        assertNothingIsLeft(state);
    }

    @Test
    void whatAFailingTestWouldLeaveEndsWithItAlsoWhereItsLauncherWasKilled() {
        // Given one that runs, and one that was killed with what it had started
        Path running = state("left-running");
        Path killed = state("left-killed");
        launchers.start("left-running", running, Ports.free());
        killedWhilePostgresStarts("left-killed", killed, Ports.free());
        await().atMost(Duration.ofMinutes(3))
                .until(() -> LauncherProcess.processesOf(running).size() > 2);
        assertThat(LauncherProcess.processesOf(killed)).isNotEmpty();

        // When
        endWhatIsLeft();

        // Then
        assertThat(LauncherProcess.processesOf(running)).isEmpty();
        assertThat(LauncherProcess.processesOf(killed)).isEmpty();
    }

    private static Answer capabilities(Map<String, String> variables) {
        return Rest.at(variables.get("PROXY_URL"))
                .with("X-API-Key", variables.get("M365_PORTAL_KEY"))
                .get("/graph/" + variables.get("M365_PORTAL") + "/" + variables.get("M365_REGISTRATION")
                        + "/capabilities");
    }

    private static Path state(String name) {
        return Path.of("target", "launcher", name).toAbsolutePath();
    }

    private static void assertNothingIsLeft(Path state) {
        assertThat(LauncherProcess.processesOf(state)).isEmpty();
        assertThat(state).doesNotExist();
    }
}
