package org.m365connector.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;

class HeaderJsonTest {

    @Test
    void headersComeBackByteForByteAndInOrder() {
        List<Header> headers = List.of(
                new RecordHeader("ce_subject", "Grüße ✉".getBytes(StandardCharsets.UTF_8)),
                new RecordHeader("binary", new byte[] {(byte) 0xff, 0, 1}),
                new RecordHeader("zero", new byte[] {'a', 0, 'b'}),
                new RecordHeader("empty", new byte[0]),
                new RecordHeader("none", null),
                new RecordHeader("binary", new byte[] {2}));

        assertThat(HeaderJson.read(HeaderJson.write(headers))).isEqualTo(headers);
    }

    @Test
    void textStaysReadable() {
        assertThat(HeaderJson.write(List.of(new RecordHeader("ce_id", "7".getBytes(StandardCharsets.UTF_8)))))
                .isEqualTo("[{\"name\":\"ce_id\",\"text\":\"7\"}]");
    }
}
