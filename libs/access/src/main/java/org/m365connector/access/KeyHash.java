package org.m365connector.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of a key, the only form in which keys are kept. Keys are 256 bits of chance, so no salt is needed. */
public final class KeyHash {

    /** Never fed itself, only copied: to look for the algorithm takes longer than to digest a key. */
    private static final MessageDigest SHA_256 = sha256();

    private KeyHash() {}

    /** 64 lower-case hex digits. */
    public static String of(String key) {
        return hex(digest(key));
    }

    static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }

    static byte[] digest(String key) {
        try {
            return ((MessageDigest) SHA_256.clone()).digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (CloneNotSupportedException e) {
            return sha256().digest(key.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
