package org.m365connector.local.suite;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class SecretsTest {

    @Test
    void eachRunHasItsOwnAndShowsNone() {
        Secrets secrets = Secrets.fresh();
        assertThat(secrets.values()).doesNotHaveDuplicates();
        assertThat(Secrets.fresh().values()).doesNotContainAnyElementsOf(secrets.values());
        assertThat(secrets.toString()).doesNotContain(secrets.values());
    }

    @Test
    void theVaultKeyEncryptsAndDecrypts() throws GeneralSecurityException {
        // Given
        String json = new String(Base64.getUrlDecoder().decode(VaultKey.fresh()), StandardCharsets.UTF_8);
        KeysetHandle keyset = TinkJsonProtoKeysetFormat.parseKeyset(json, InsecureSecretKeyAccess.get());
        Aead aead = keyset.getPrimitive(RegistryConfiguration.get(), Aead.class);
        byte[] plain = "token".getBytes(StandardCharsets.UTF_8);
        byte[] place = "place".getBytes(StandardCharsets.UTF_8);

        // Then
        assertThat(aead.decrypt(aead.encrypt(plain, place), place)).isEqualTo(plain);
    }
}
