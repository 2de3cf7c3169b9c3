package org.m365connector.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.m365connector.local.suite.Checkout;

/** The script {@code ./run} itself, as it is typed, where it builds nothing. What it starts is tested by its neighbours. */
class RunScriptIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    Path temporary;

    private record Said(int status, String text) {}

    @Test
    void helpNamesEveryVerb() throws Exception {
        assertThat(run(Map.of(), "help").text())
                .contains("./run demo", "./run stop", "./run doctor", "./run keygen", "--keep", "--tenant FILE");
    }

    @Test
    void anUnknownVerbIsRefusedWithTheHelp() throws Exception {
        Said said = run(Map.of(), "dance");

        assertThat(said.status()).isEqualTo(1);
        assertThat(said.text()).contains("./run demo", "Unknown: dance");
    }

    @Test
    void aJavaThatIsTooOldIsNamedWithWhatToDo() throws Exception {
        Said said = run(Map.of("JAVA_HOME", javaOfVersion("11")), "demo");

        assertThat(said.status()).isEqualTo(1);
        assertThat(said.text()).contains("is Java 11", "17 or newer is needed", "Set JAVA_HOME");
    }

    @Test
    void aJavaHomeWithoutJavaIsNamed() throws Exception {
        Said said = run(Map.of("JAVA_HOME", temporary.toString()), "demo");

        assertThat(said.status()).isEqualTo(1);
        assertThat(said.text()).contains("JAVA_HOME is " + temporary);
    }

    @Test
    void keygenPrintsAKeysetAndNothingElse() throws Exception {
        Said said = run(Map.of(), "keygen");

        assertThat(said.status()).isZero();
        String json = new String(Base64.getUrlDecoder().decode(said.text().strip()), StandardCharsets.UTF_8);
        assertThat(keysIn(json)).isEqualTo(1);
    }

    @Test
    void aMachineWithoutOurPostgresIsToldSoBeforeAnythingIsBuilt() throws Exception {
        // Given
        Path programs = Files.createDirectories(temporary.resolve("mac"));
        script(programs.resolve("uname"), "case $1 in -s) echo Darwin ;; *) echo arm64 ;; esac");
        String path = programs + File.pathSeparator + System.getenv("PATH");

        // When
        Said said = run(Map.of("PATH", path), "demo");

        // Then
        assertThat(said.status()).isEqualTo(1);
        assertThat(said.text())
                .contains(
                        "This is Darwin on arm64", "The bundled PostgreSQL is for Linux on amd64", "docker-compose.yml")
                .doesNotContain("Building");
    }

    @Test
    void theKeysForContainersAreAllThatIsAskedFor() throws Exception {
        // Given
        String compose = Files.readString(Checkout.find().root().resolve("docker-compose.yml"));

        // When
        Map<String, String> ofEmulator = variables(runScript("deploy/keys", Map.of()));
        Map<String, String> ofTenant = variables(runScript("deploy/keys", Map.of(), "--tenant"));

        // Then
        assertThat(names(compose, "\\$\\{(\\w+):?\\?"))
                .hasSizeGreaterThan(8)
                .allSatisfy(name -> assertThat(ofEmulator.get(name)).isNotBlank())
                .allSatisfy(name -> assertThat(ofTenant).containsKey(name));
        assertThat(ofTenant)
                .containsEntry("M365_PUBLIC_LOGIN_URL", "")
                .containsEntry("M365_GRAPH_BASE_URL", "https://graph.microsoft.com");
    }

    @Test
    void keysForContainersAreNotHalfMade() throws Exception {
        Said said = runScript("deploy/keys", Map.of("JAVA_HOME", temporary.toString()));

        assertThat(said.status()).isNotZero();
        assertThat(said.text()).contains("JAVA_HOME is").doesNotContain("M365_ADMIN_KEY");
    }

    private static Set<String> names(String text, String pattern) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
    }

    private static Map<String, String> variables(Said said) {
        assertThat(said.status()).as(said.text()).isZero();
        return said.text()
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));
    }

    @Test
    void theDoctorExaminesThisMachine() throws Exception {
        assertThat(run(Map.of(), "doctor").text())
                .contains("ok       Java " + Runtime.version().feature())
                .containsAnyOf("The suite can be started here: ./run", "Mend what is MISSING");
    }

    @Test
    void theDoctorSaysWhatABuildLacksBeforeItIsBuiltItself() throws Exception {
        // Given root on a machine with a runtime only, little space and no user namespaces
        Path checkout = freshCheckout();
        Path programs = Files.createDirectories(temporary.resolve("programs"));
        for (String program : List.of("bash", "dirname", "sed", "uname")) {
            Files.createSymbolicLink(programs.resolve(program), program(program));
        }
        script(programs.resolve("df"), "echo 'Filesystem 1M-blocks Used Free'; echo '/dev/sda1 9000 8988 12 99% /'");
        script(programs.resolve("id"), "echo 0");
        script(programs.resolve("unshare"), "exit 1");

        // When
        Said said = runScript(
                checkout.resolve("run"),
                Map.of("JAVA_HOME", javaOfVersion("17"), "PATH", programs.toString()),
                "doctor");

        // Then
        assertThat(said.status()).isEqualTo(1);
        assertThat(said.text())
                .contains(
                        "MISSING  no compiler",
                        "MISSING  12 MB of disk",
                        "MISSING  no user namespaces",
                        "then ./run doctor")
                .doesNotContain("Building");
        assertThat(checkout.resolve("built")).doesNotExist();
    }

    @Test
    void whatAKilledRunWasBuildingIsWaitedForByTheNext() throws Exception {
        // Given a Maven that builds until it may go on, and whose ./run is killed
        Path checkout = freshCheckout();
        Path built = checkout.resolve("built");
        Process killed = start(checkout.resolve("run"), temporary.resolve("killed"), Map.of(), "build");
        try {
            await("Maven has begun").atMost(PATIENCE).until(() -> Files.exists(built));
            killed.destroyForcibly().waitFor();

            // When
            Path output = temporary.resolve("next");
            Process next = start(checkout.resolve("run"), output, Map.of(), "build");

            // Then
            await("it waits").atMost(PATIENCE).until(() -> Files.readString(output)
                    .contains("waiting until its Maven (process "));
            assertThat(built).hasContent("begins");

            // When
            Files.createFile(checkout.resolve("go-on"));

            // Then
            assertThat(next.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(next.exitValue()).isZero();
            assertThat(Files.readAllLines(built)).containsExactly("begins", "ends", "begins", "ends");
        } finally {
            killed.destroyForcibly();
            Files.writeString(checkout.resolve("go-on"), "");
        }
    }

    /** Of nothing but the script, and with a Maven that only says that it works until it may go on. */
    private Path freshCheckout() throws IOException {
        Path checkout = Files.createDirectories(temporary.resolve("checkout"));
        Files.copy(Checkout.find().root().resolve("run"), checkout.resolve("run"), StandardCopyOption.COPY_ATTRIBUTES);
        script(
                checkout.resolve("mvnw"),
                "echo begins >>built; while [ -e mvnw ] && [ ! -e go-on ]; do sleep 0.1; done; echo ends >>built");
        return checkout;
    }

    private static Path program(String name) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }

    private static int keysIn(String json) throws GeneralSecurityException {
        AeadConfig.register();
        return TinkJsonProtoKeysetFormat.parseKeyset(json, InsecureSecretKeyAccess.get())
                .size();
    }

    /** Says of itself what {@code java -XshowSettings:properties -version} says. */
    private String javaOfVersion(String version) throws IOException {
        Path home = temporary.resolve("jdk-" + version);
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        script(java, "echo '    java.specification.version = " + version + "' >&2");
        return home.toString();
    }

    private static void script(Path file, String line) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + line + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Said run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        return runScript("run", environment, arguments);
    }

    private Said runScript(String script, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        return runScript(Checkout.find().root().resolve(script), environment, arguments);
    }

    private Said runScript(Path script, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        Path output = temporary.resolve("said");
        Process process = start(script, output, environment, arguments);
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return new Said(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }

    private static Process start(Path script, Path output, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        // What Maven told the JVM of this test is not for another one.
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "MAVEN_OPTS"));
        builder.environment().putAll(environment);
        return builder.start();
    }
}
