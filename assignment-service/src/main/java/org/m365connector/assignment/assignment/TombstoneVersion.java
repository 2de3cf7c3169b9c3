package org.m365connector.assignment.assignment;

import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.m365connector.outbox.Outbox;
import org.m365connector.outbox.PoisonException;

/** As of which version a tombstone ends its key, as its header says; an operator's hand says nothing. */
final class TombstoneVersion {
    private TombstoneVersion() {}

    /** @throws PoisonException where what the header says is not a number */
    static OptionalLong of(ConsumerRecord<?, ?> tombstone) {
        var header = tombstone.headers().lastHeader(Outbox.VERSION_HEADER);
        if (header == null) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(new String(header.value(), StandardCharsets.US_ASCII)));
        } catch (NumberFormatException e) {
            throw new PoisonException("the version is not a number");
        }
    }
}
