package org.m365connector.local.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortalNotesTest {
    private static final Tenant REAL =
            new Tenant(false, "t", "c", "the-secret", Map.of(Person.ADA, "ada@contoso.example"), Map.of());

    @TempDir
    private Path temporary;

    @Test
    void areReadBackAndHoldNoSecretOfTheTenant() throws IOException {
        // Given
        Path file = temporary.resolve("portal.json");
        PortalNotes notes = PortalNotes.none(REAL)
                .withKey("portal-key")
                .withUpns(REAL.upns())
                .withSecretOf(REAL);

        // When
        notes.write(file);

        // Then
        assertThat(PortalNotes.read(file)).contains(notes);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(Files.readString(file)).doesNotContain("the-secret");
        assertThat(notes.toString()).doesNotContain("portal-key", "the-secret");
    }

    @Test
    void knowTheSecretThatTheyWereMadeWith() {
        Tenant corrected = new Tenant(false, "t", "c", "another", REAL.upns(), Map.of());

        assertThat(PortalNotes.none(REAL).hasSecretOf(REAL)).isFalse();
        assertThat(PortalNotes.none(REAL).withSecretOf(REAL).hasSecretOf(REAL)).isTrue();
        assertThat(PortalNotes.none(REAL).withSecretOf(REAL).hasSecretOf(corrected))
                .isFalse();
    }

    @Test
    void refuseTheOtherKindOfTenantWithWhatToDo() {
        PortalNotes ofEmulator = PortalNotes.none(Tenant.ofEmulator());
        PortalNotes ofReal = PortalNotes.none(REAL);

        assertThatCode(() -> ofEmulator.requireKind(Tenant.ofEmulator(), temporary))
                .doesNotThrowAnyException();
        assertThatCode(() -> ofReal.requireKind(REAL, temporary)).doesNotThrowAnyException();
        assertThatThrownBy(() -> ofEmulator.requireKind(REAL, temporary))
                .isInstanceOf(LocalException.class)
                .hasMessageContaining("is of the emulator, and cannot go on with a real tenant")
                .hasMessageContaining("Use it with ./run --keep;");
        assertThatThrownBy(() -> ofReal.requireKind(Tenant.ofEmulator(), temporary))
                .isInstanceOf(LocalException.class)
                .hasMessageContaining("is of a real tenant, and cannot go on with the emulator")
                .hasMessageContaining("Use it with ./run --keep --tenant FILE;");
    }
}
