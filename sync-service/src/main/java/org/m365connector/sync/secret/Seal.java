package org.m365connector.sync.secret;

import com.google.crypto.tink.subtle.AesGcmJce;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Encrypts what is stored: Tink's AES-256-GCM. The first key seals, all open. Where a thing belongs is associated data, so what was
 * moved elsewhere does not open.
 */
public final class Seal {
    private final List<AesGcmJce> ciphers = new ArrayList<>();

    /** @param keys of 32 bytes each, the first is the present one */
    public Seal(List<byte[]> keys) {
        try {
            for (byte[] key : keys) {
                ciphers.add(new AesGcmJce(key));
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES-GCM", e);
        }
    }

    public byte[] seal(byte[] secret, String place) {
        try {
            return ciphers.get(0).encrypt(secret, bytes(place));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot encrypt", e);
        }
    }

    /** Empty where the key that it was sealed by is no longer configured, or where it does not belong to that place. */
    public Optional<byte[]> open(byte[] sealed, String place) {
        for (AesGcmJce cipher : ciphers) {
            try {
                return Optional.of(cipher.decrypt(sealed, bytes(place)));
            } catch (GeneralSecurityException e) {
                // Perhaps another one opens it.
            }
        }
        return Optional.empty();
    }

    private static byte[] bytes(String place) {
        return place.getBytes(StandardCharsets.UTF_8);
    }
}
