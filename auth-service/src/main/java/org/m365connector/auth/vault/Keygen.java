package org.m365connector.auth.vault;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;

/** Makes a vault keyset: {@code java -cp … org.m365connector.auth.vault.Keygen} prints one for {@code M365_VAULT_KEYSET}. */
public final class Keygen {

    private Keygen() {}

    /** A new keyset with one AES-256-GCM key: base64url of Tink's JSON form, one line, safe in environment files. */
    public static String newKeyset() {
        try {
            AeadConfig.register();
            KeysetHandle handle = KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM);
            String json = TinkJsonProtoKeysetFormat.serializeKeyset(handle, InsecureSecretKeyAccess.get());
            return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot make a keyset", e);
        }
    }

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) {
        System.out.println(newKeyset());
    }
}
