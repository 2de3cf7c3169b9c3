package org.m365connector.auth.vault;

import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * How a key of the keyset is called, as {@code tinkey list-keyset} shows it: a number of 32 bits without sign.
 *
 * <p>Every sealed value tells which key it needs. Tink's envelope begins with the length of the encrypted data key (4 bytes, big
 * endian), and that with the prefix of the key that encrypted it: the byte 1, then the key's id (4 bytes, big endian). See
 * "Wire format" on developers.google.com/tink.
 */
public record KeyId(@JsonValue long value) {

    /** Where the prefix begins in a sealed value, counted from 1 as SQL does. */
    static final int PREFIX_FROM = 5;

    static final int PREFIX_LENGTH = 5;
    private static final byte TINK = 1;

    static KeyId of(int tinkId) {
        return new KeyId(Integer.toUnsignedLong(tinkId));
    }

    /** The key that the value was sealed by; empty where no vault has sealed it. */
    public static Optional<KeyId> of(byte[] sealed) {
        return sealed.length < PREFIX_FROM - 1 + PREFIX_LENGTH
                ? Optional.empty()
                : ofPrefix(ByteBuffer.wrap(sealed, PREFIX_FROM - 1, PREFIX_LENGTH));
    }

    static Optional<KeyId> ofPrefix(byte[] prefix) {
        return prefix.length == PREFIX_LENGTH ? ofPrefix(ByteBuffer.wrap(prefix)) : Optional.empty();
    }

    private static Optional<KeyId> ofPrefix(ByteBuffer prefix) {
        return prefix.get() == TINK ? Optional.of(of(prefix.getInt())) : Optional.empty();
    }

    byte[] prefix() {
        return ByteBuffer.allocate(PREFIX_LENGTH).put(TINK).putInt((int) value).array();
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
