package org.m365connector.auth.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

class VaultTest {

    private static final String SECRET = "s3cret-value";

    private final Vault vault = Vault.of(Keygen.newKeyset());
    private final Place place = place("demo", "Main", "user:A", "refresh-token");

    @Test
    void whatWasSealedOpensAtItsPlace() {
        byte[] sealed = vault.seal(place, SECRET);

        assertThat(vault.open(place, sealed)).isEqualTo(SECRET);
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain(SECRET);
    }

    @Test
    void theSameValueLooksDifferentEachTime() {
        assertThat(vault.seal(place, SECRET)).isNotEqualTo(vault.seal(place, SECRET));
    }

    @Test
    void aCiphertextMovedToAnotherPlaceDoesNotOpen() {
        byte[] sealed = vault.seal(place, SECRET);

        for (Place other : new Place[] {
            place("other", "Main", "user:A", "refresh-token"),
            place("demo", "Other", "user:A", "refresh-token"),
            place("demo", "Main", "user:B", "refresh-token"),
            place("demo", "Main", "user:A", "access-token")
        }) {
            assertThatThrownBy(() -> vault.open(other, sealed))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageNotContaining(SECRET);
        }
    }

    @Test
    void aCiphertextOfAnotherKeyDoesNotOpen() {
        byte[] sealed = Vault.of(Keygen.newKeyset()).seal(place, SECRET);

        assertThatThrownBy(() -> vault.open(place, sealed)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aKeysetThatIsNoneIsRefusedWithoutRepeatingIt() {
        for (String wrong :
                new String[] {"", "not base64 at all!", "{\"primaryKeyId\":1}", "c2VjcmV0LWJ1dC1ub3QtanNvbg"}) {
            assertThatThrownBy(() -> Vault.of(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("./run keygen")
                    .hasMessageNotContaining("secret-but-not-json")
                    .hasNoCause();
        }
    }

    @Test
    void aFileIsReadWhereTheEnvironmentHasNoKeyset(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("keyset"), Keygen.newKeyset() + "\n");
        var producer = new VaultProducer();

        Vault fromFile = producer.vault(new Settings(Optional.empty(), Optional.of(file)));

        assertThat(fromFile.open(place, fromFile.seal(place, SECRET))).isEqualTo(SECRET);
        assertThatThrownBy(() -> producer.vault(new Settings(Optional.of(" "), Optional.empty())))
                .hasMessageContaining("no vault key");
    }

    private record Settings(Optional<String> keyset, Optional<Path> keysetFile) implements VaultSettings {}

    private static Place place(String portal, String registration, String owner, String field) {
        return new Place(new PortalId(portal), new RegistrationName(registration), owner, field);
    }
}
