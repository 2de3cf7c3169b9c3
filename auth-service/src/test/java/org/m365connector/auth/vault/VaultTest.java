package org.m365connector.auth.vault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.AesGcmParameters;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
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
    void aCiphertextThatWasChangedDoesNotOpen() {
        byte[] sealed = vault.seal(place, SECRET);

        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            assertThatThrownBy(() -> vault.open(place, changed)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aCiphertextTellsWhichKeyOfTinksItNeeds() {
        String keyset = Keygen.promote(Keygen.add(Keygen.newKeyset()));

        byte[] sealed = Vault.of(keyset).seal(place, SECRET);

        KeyId told = KeyId.of(sealed).orElseThrow();
        assertThat(told).isEqualTo(Vault.of(keyset).primary());
        assertThat(json(keyset)).contains("\"primaryKeyId\":" + told + ",");
        assertThat(Arrays.copyOfRange(sealed, 4, 9)).isEqualTo(told.prefix());
        assertThat(KeyId.ofPrefix(told.prefix())).contains(told);
    }

    @Test
    void whatNoVaultHasSealedTellsNoKey() {
        for (byte[] other : new byte[][] {{}, {1, 2, 3}, new byte[9], "plain text of a token".getBytes(UTF_8)}) {
            assertThat(KeyId.of(other)).isEmpty();
            assertThat(vault.hasKeyOf(other)).isFalse();
        }
        assertThat(KeyId.ofPrefix(new byte[2])).isEmpty();
    }

    @Test
    void aKeyThatWasAddedOpensButDoesNotSealBeforeItIsPromoted() {
        String first = Keygen.newKeyset();
        String added = Keygen.add(first);
        String promoted = Keygen.promote(added);
        Vault before = Vault.of(first);
        Vault between = Vault.of(added);
        Vault after = Vault.of(promoted);

        // Whatever one roll-out apart is at work at the same time, each opens what the other seals.
        assertThat(before.open(place, between.seal(place, SECRET))).isEqualTo(SECRET);
        assertThat(between.open(place, before.seal(place, SECRET))).isEqualTo(SECRET);
        assertThat(between.open(place, after.seal(place, SECRET))).isEqualTo(SECRET);
        assertThat(after.open(place, between.seal(place, SECRET))).isEqualTo(SECRET);

        assertThat(between.primary()).isEqualTo(before.primary());
        assertThat(between.olderKeys()).isEmpty();
        assertThat(after.olderKeys()).containsExactly(before.primary());
        assertThat(after.primary()).isNotEqualTo(before.primary());
    }

    @Test
    void aRetiredKeyOpensNothingAndTheOthersStay() {
        String first = Keygen.newKeyset();
        String promoted = Keygen.promote(Keygen.add(first));
        byte[] old = Vault.of(first).seal(place, SECRET);
        byte[] sealed = Vault.of(promoted).seal(place, SECRET);

        Vault retired = Vault.of(Keygen.retire(Keygen.add(promoted)));

        assertThat(retired.keys()).hasSize(2).startsWith(Vault.of(promoted).primary());
        assertThat(retired.open(place, sealed)).isEqualTo(SECRET);
        assertThat(retired.hasKeyOf(sealed)).isTrue();
        assertThat(retired.hasKeyOf(old)).isFalse();
        assertThatThrownBy(() -> retired.open(place, old)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aPrimaryKeyThatDoesNotSignWhatItSealsIsRefused() throws GeneralSecurityException {
        AeadConfig.register();
        KeysetHandle nameless = KeysetHandle.generateNew(AesGcmParameters.builder()
                .setKeySizeBytes(32)
                .setIvSizeBytes(12)
                .setTagSizeBytes(16)
                .setVariant(AesGcmParameters.Variant.NO_PREFIX)
                .build());

        assertThatThrownBy(() -> Vault.of(Keyset.write(nameless))).hasMessageContaining("./run keygen");
    }

    @Test
    void whatIsNoKeysetIsNotChangedAndNotRepeated() {
        for (String wrong : new String[] {"", "c2VjcmV0LWJ1dC1ub3QtanNvbg", "not base64 at all!"}) {
            assertThatThrownBy(() -> Keygen.add(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the input is not a Tink AEAD keyset")
                    .hasNoCause();
        }
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

    private static String json(String keyset) {
        return new String(Base64.getUrlDecoder().decode(keyset), UTF_8);
    }

    private record Settings(Optional<String> keyset, Optional<Path> keysetFile) implements VaultSettings {}

    private static Place place(String portal, String registration, String owner, String field) {
        return new Place(new PortalId(portal), new RegistrationName(registration), owner, field);
    }
}
