package org.m365connector.local.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvFileTest {
    @TempDir
    private Path temporary;

    @Test
    void readsWhatAShellWouldRead() throws IOException {
        EnvFile file = read("""
                # a comment
                TENANT_ID=one
                export TENANT_CLIENT_ID='two words'
                TENANT_CLIENT_SECRET="thr=ee"
                TENANT_USER_UPN=
                """);
        assertThat(file.required("TENANT_ID")).isEqualTo("one");
        assertThat(file.required("TENANT_CLIENT_ID")).isEqualTo("two words");
        assertThat(file.required("TENANT_CLIENT_SECRET")).isEqualTo("thr=ee");
        assertThat(file.optional("TENANT_USER_UPN")).isEmpty();
    }

    @Test
    void saysWhichVariableIsMissing() throws IOException {
        EnvFile file = read("TENANT_ID=one");
        assertThatThrownBy(() -> file.required("TENANT_CLIENT_ID"))
                .isInstanceOf(LocalException.class)
                .hasMessageContaining("TENANT_CLIENT_ID")
                .hasMessageContaining("write one");
    }

    @Test
    void saysEverythingThatATenantLacks() throws IOException {
        Path file = temporary.resolve("half.env");
        Files.writeString(file, "TENANT_CLIENT_ID=one\nTENANT_ADMIN_UPN=");

        assertThatThrownBy(() -> Tenant.of(file))
                .isInstanceOf(LocalException.class)
                .hasMessageContaining("TENANT_ID, TENANT_CLIENT_SECRET, TENANT_ADMIN_UPN")
                .hasMessageContaining("tenant.env.example");
    }

    @Test
    void saysThatThereIsNoFile() {
        assertThatThrownBy(() -> EnvFile.read(temporary.resolve("my.env"), "write one"))
                .isInstanceOf(LocalException.class)
                .hasMessageContaining("my.env; write one");
    }

    @Test
    void theExampleIsATenantAsSoonAsItIsFilledIn() throws IOException {
        // Given
        String example = Files.readString(Path.of("../tenant.env.example"));
        Path filled = temporary.resolve("my.env");
        Files.writeString(filled, example.replaceAll("(?m)^(TENANT_\\w+|M365_PUBLIC_NOTIFICATION_URL)=$", "$1=value"));

        // When
        Tenant tenant = Tenant.of(filled);

        // Then
        assertThat(tenant.emulated()).isFalse();
        assertThat(tenant.upns()).containsKeys(Person.ADA, Person.BEN, Person.CLARA);
        assertThat(tenant.passThrough()).isEqualTo(Map.of("M365_PUBLIC_NOTIFICATION_URL", "value"));
    }

    @Test
    void whatASuiteWritesIsReadBackAndPrivate() throws IOException {
        // Given
        Suite suite = new Suite(
                Map.of(
                        Service.AUTH, "http://localhost:1",
                        Service.ASSIGNMENT, "http://localhost:2",
                        Service.PROXY, "http://localhost:3",
                        Service.SYNC, "http://localhost:4"),
                Optional.of("http://localhost:5"),
                "localhost:6",
                "postgresql://postgres@localhost:7/m365",
                "admin",
                Optional.of(new Suite.DemoPortal("demo", "portal-key", "Main")));
        Path file = temporary.resolve("local.env");

        // When
        suite.write(file);

        // Then
        assertThat(Suite.read(file)).isEqualTo(suite);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(suite.toString()).doesNotContain("portal-key", "admin");
    }

    private EnvFile read(String text) throws IOException {
        Path file = temporary.resolve("tenant.env");
        Files.writeString(file, text);
        return EnvFile.read(file, "write one");
    }
}
