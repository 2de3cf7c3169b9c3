package org.m365connector.auth.vault;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeyStatus;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.KmsEnvelopeAead;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Envelope encryption with Google Tink: a fresh AES-256-GCM key for every value, itself encrypted by the keyset. The
 * {@link Place} is associated data. The keyset's primary key seals, each of its keys opens.
 */
public final class Vault {

    private final Aead aead;
    private final KeyId primary;
    private final List<KeyId> keys;

    private Vault(Aead aead, KeyId primary, List<KeyId> keys) {
        this.aead = aead;
        this.primary = primary;
        this.keys = keys;
    }

    /**
     * @param keyset Tink's JSON keyset in clear, or its base64url form as {@link Keygen} prints it
     * @throws IllegalArgumentException where it is no usable keyset; the message never repeats it
     */
    public static Vault of(String keyset) {
        try {
            KeysetHandle handle = Keyset.parse(keyset);
            Aead keyEncryption = handle.getPrimitive(RegistryConfiguration.get(), Aead.class);
            Aead envelope = KmsEnvelopeAead.create(PredefinedAeadParameters.AES256_GCM, keyEncryption);
            KeyId primary = KeyId.of(handle.getPrimary().getId());
            if (!KeyId.of(envelope.encrypt(new byte[0], new byte[0])).equals(Optional.of(primary))) {
                // Without its id in what it seals, nobody could tell what it has sealed.
                throw new GeneralSecurityException("a primary key without prefix");
            }
            return new Vault(envelope, primary, enabled(handle));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // The cause is left out on purpose: a parser's message may repeat what it could not read.
            throw new IllegalArgumentException(
                    "the vault's keyset is not a Tink AEAD keyset; make one with ./run keygen");
        }
    }

    private static List<KeyId> enabled(KeysetHandle handle) {
        return IntStream.range(0, handle.size())
                .mapToObj(handle::getAt)
                .filter(key -> key.getStatus() == KeyStatus.ENABLED)
                .map(key -> KeyId.of(key.getId()))
                .toList();
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

    /** Whether the key that the value was sealed by is there. */
    public boolean hasKeyOf(byte[] sealed) {
        return KeyId.of(sealed).filter(keys::contains).isPresent();
    }

    /** The key that seals. */
    KeyId primary() {
        return primary;
    }

    /** All that open, in the order of the keyset, which is the one in which they were added. */
    List<KeyId> keys() {
        return keys;
    }

    /** What opens only, and stands before the primary: the keys of before. Those behind it are for later. */
    List<KeyId> olderKeys() {
        return keys.subList(0, keys.indexOf(primary));
    }
}
