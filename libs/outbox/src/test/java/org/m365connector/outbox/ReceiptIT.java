package org.m365connector.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class ReceiptIT {

    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    @Test
    void whatIsWrittenIsRead() {
        var rows = List.of(row(7, "a"), row(8, "b"), row(4711, "c"));

        Receipt read = Receipt.read(Receipt.of(rows).write()).orElseThrow();

        assertThat(read.ids()).containsExactly(7L, 8L, 4711L);
        assertThat(read.isFor(rows)).isTrue();
    }

    @Test
    void rowsOfTheSameIdsWithOtherContentAreOthers() {
        Receipt receipt = Receipt.of(List.of(row(7, "a"), row(8, "b")));

        assertThat(receipt.isFor(List.of(row(7, "a"), row(8, "other")))).isFalse();
        assertThat(receipt.isFor(List.of(row(7, "a")))).isFalse();
        assertThat(receipt.isFor(List.of())).isFalse();
    }

    @Test
    void whatSomebodyElseWroteIsNoReceipt() {
        assertThat(Receipt.read("")).isEmpty();
        assertThat(Receipt.read("hello")).isEmpty();
        assertThat(Receipt.read("1 hash not-a-number!")).isEmpty();
        assertThat(Receipt.read("2 hash 7")).isEmpty();
    }

    @Test
    void largestBatchFitsIntoWhatKafkaKeepsWithAnOffset() {
        var rows = LongStream.rangeClosed(1, RelaySettings.BATCH_ROWS)
                .mapToObj(i -> row(i * (Long.MAX_VALUE / RelaySettings.BATCH_ROWS), "x"))
                .toList();

        assertThat(Receipt.of(rows).write().length()).isLessThan(4096);
    }

    private static OutboxRow row(long id, String value) {
        return new OutboxRow(id, NOON, 0, new ProducerRecord<>("topic", "key", value.getBytes(StandardCharsets.UTF_8)));
    }
}
