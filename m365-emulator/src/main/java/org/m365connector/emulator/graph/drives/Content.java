package org.m365connector.emulator.graph.drives;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What is in a file. The control door says only how much it is; such a file is read as zeros and has no hash.
 *
 * @param given the bytes, where somebody has uploaded them
 */
record Content(int size, Optional<byte[]> given) {

    static Content of(byte[] bytes) {
        return new Content(bytes.length, Optional.of(bytes));
    }

    static Content ofSize(int size) {
        return new Content(size, Optional.empty());
    }

    byte[] bytes() {
        return given.orElseGet(() -> new byte[size]);
    }

    /** Writes {@code size} and {@code file} of an item. */
    void describe(ObjectNode item) {
        item.put("size", size);
        ObjectNode file = item.putObject("file").put("mimeType", mimeType(item));
        given.ifPresent(bytes -> file.putObject("hashes").put("sha256Hash", sha256(bytes)));
    }

    private static String mimeType(ObjectNode item) {
        return item.path("name").asText().endsWith(".txt") ? "text/plain" : "application/octet-stream";
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of()
                    .withUpperCase()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
