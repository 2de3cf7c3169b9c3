package org.m365connector.events;

import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * As of which version a tombstone ends its key, so that old can be told from new: a header with the version in decimal digits. An operator's
 * hand says nothing.
 */
public final class TombstoneVersion {

    public static final String HEADER = "version";

    private TombstoneVersion() {}

    /** @throws NumberFormatException where what the header says is not a number */
    public static OptionalLong of(ConsumerRecord<?, ?> tombstone) {
        var header = tombstone.headers().lastHeader(HEADER);
        return header == null
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(new String(header.value(), StandardCharsets.US_ASCII)));
    }
}
