package org.m365connector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
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
import java.util.concurrent.TimeUnit;
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
        Files.writeString(java, "#!/bin/sh\necho '    java.specification.version = " + version + "' >&2\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        return home.toString();
    }

    private Said run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        Path root = Checkout.find().root();
        Path output = temporary.resolve("said");
        List<String> command = new ArrayList<>(List.of(root.resolve("run").toString()));
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
