package org.m365connector.auth.vault;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;

/** How a keyset is written: Tink's JSON form in clear, or base64url of it in one line, safe in environment files. */
final class Keyset {

    private Keyset() {}

    static KeysetHandle parse(String text) throws GeneralSecurityException {
        AeadConfig.register();
        String keyset = text.strip();
        String json = keyset.startsWith("{")
                ? keyset
                : new String(Base64.getUrlDecoder().decode(keyset), StandardCharsets.UTF_8);
        return TinkJsonProtoKeysetFormat.parseKeyset(json, InsecureSecretKeyAccess.get());
    }

    static String write(KeysetHandle handle) throws GeneralSecurityException {
        String json = TinkJsonProtoKeysetFormat.serializeKeyset(handle, InsecureSecretKeyAccess.get());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }
}
