package org.m365connector.events;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class TombstoneVersionTest {

    @Test
    void lastHeaderSaysTheVersion() {
        assertThat(TombstoneVersion.of(tombstone("7", "12"))).hasValue(12);
    }

    @Test
    void tombstoneOfAnOperatorsHandHasNone() {
        assertThat(TombstoneVersion.of(tombstone())).isEmpty();
    }

    @Test
    void whatIsNoNumberIsNoVersion() {
        var tombstone = tombstone("twelve");

        assertThatThrownBy(() -> TombstoneVersion.of(tombstone)).isInstanceOf(NumberFormatException.class);
    }

    private static ConsumerRecord<String, byte[]> tombstone(String... versions) {
        var record = new ConsumerRecord<String, byte[]>("m365.portals", 0, 0, "demo", null);
        for (var version : versions) {
            record.headers().add(TombstoneVersion.HEADER, version.getBytes(US_ASCII));
        }
        return record;
    }
}
