package org.m365connector.sync.rich;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.m365connector.events.EncryptedResource;

/**
 * Opens what Graph has encrypted (Microsoft's "change notifications that include resource data"): the AES key is unwrapped by
 * RSA-OAEP with SHA-1, the HMAC-SHA256 of the ciphertext is compared before anything is decrypted, then AES-256-CBC with the first
 * half of the key as initialisation vector. All failures look the same.
 */
final class Envelope {
    private static final int KEY_BYTES = 32;
    private static final int BLOCK_BYTES = 16;

    private Envelope() {}

    /** @return the resource's JSON; empty where anything does not fit together */
    static Optional<byte[]> open(EncryptedResource sealed, PrivateKey privateKey) {
        try {
            byte[] data = Base64.getDecoder().decode(sealed.data());
            byte[] key = unwrap(Base64.getDecoder().decode(sealed.dataKey()), privateKey);
            if (key.length != KEY_BYTES || !isSigned(data, key, sealed.dataSignature())) {
                return Optional.empty();
            }
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    new SecretKeySpec(key, "AES"),
                    new IvParameterSpec(Arrays.copyOf(key, BLOCK_BYTES)));
            return Optional.of(cipher.doFinal(data));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static byte[] unwrap(byte[] wrapped, PrivateKey privateKey) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPWithSHA1AndMGF1Padding");
        cipher.init(Cipher.DECRYPT_MODE, privateKey, OAEPParameterSpec.DEFAULT);
        return cipher.doFinal(wrapped);
    }

    private static boolean isSigned(byte[] data, byte[] key, String signature) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return MessageDigest.isEqual(mac.doFinal(data), Base64.getDecoder().decode(signature));
    }
}
