package org.m365connector.auth.vault;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.KmsEnvelopeAead;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;

/**
 * Envelope encryption with Google Tink: a fresh AES-256-GCM key for every value, itself encrypted by the keyset. The
 * {@link Place} is associated data.
 */
public final class Vault {

    private final Aead aead;

    private Vault(Aead aead) {
        this.aead = aead;
    }

    /**
     * @param keyset Tink's JSON keyset in clear, or its base64url form as {@link Keygen} prints it
     * @throws IllegalArgumentException where it is no usable keyset; the message never repeats it
     */
    public static Vault of(String keyset) {
        try {
            AeadConfig.register();
            KeysetHandle handle =
                    TinkJsonProtoKeysetFormat.parseKeyset(json(keyset.strip()), InsecureSecretKeyAccess.get());
            Aead keyEncryption = handle.getPrimitive(RegistryConfiguration.get(), Aead.class);
            return new Vault(KmsEnvelopeAead.create(PredefinedAeadParameters.AES256_GCM, keyEncryption));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // The cause is left out on purpose: a parser's message may repeat what it could not read.
            throw new IllegalArgumentException(
                    "the vault's keyset is not a Tink AEAD keyset; make one with ./run keygen");
        }
    }

    private static String json(String keyset) {
        return keyset.startsWith("{")
                ? keyset
                : new String(Base64.getUrlDecoder().decode(keyset), StandardCharsets.UTF_8);
    }

    public byte[] seal(Place place, String value) {
        try {
            return aead.encrypt(value.getBytes(StandardCharsets.UTF_8), place.associatedData());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot encrypt field=" + place.field(), e);
        }
    }

    /** @throws IllegalStateException where the ciphertext was changed, moved, or encrypted by a key we do not have */
    public String open(Place place, byte[] sealed) {
        try {
            return new String(aead.decrypt(sealed, place.associatedData()), StandardCharsets.UTF_8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot decrypt field=" + place.field(), e);
        }
    }
}
