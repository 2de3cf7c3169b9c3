package org.m365connector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.m365connector.local.suite.Checkout;

/** The script {@code ./run} itself, as it is typed, where it builds nothing. What it starts is tested by its neighbours. */
class RunScriptIT {
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
        Path root = Checkout.find().root();
        Path output = temporary.resolve("said");
        List<String> command = new ArrayList<>(List.of(root.resolve(script).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        // What Maven told the JVM of this test is not for another one.
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "MAVEN_OPTS"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return new Said(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }
}
