package org.m365connector.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PublisherIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Stage stage = new Stage();
    private final String name = "publisher-" + UUID.randomUUID();
    private final String topic = stage.topic("things");

    @AfterEach
    void end() {
        stage.close();
    }

    @Test
    void laterPublisherMakesTheEarlierOnePowerless() {
        try (var earlier = Publisher.open(name, Stage.kafka(), PATIENCE, Publisher.Packing.TOGETHER)) {
            assertThat(earlier.publish(rows(1, 1))).isInstanceOf(Publisher.Outcome.Published.class);

            try (var later = Publisher.open(name, Stage.kafka(), PATIENCE, Publisher.Packing.TOGETHER)) {
                assertThatThrownBy(() -> earlier.publish(rows(2, 2)))
                        .satisfiesAnyOf(
                                e -> assertThat(e).hasRootCauseInstanceOf(ProducerFencedException.class),
                                e -> assertThat(e).hasRootCauseInstanceOf(InvalidProducerEpochException.class),
                                e -> assertThat(e).isInstanceOf(ProducerFencedException.class),
                                e -> assertThat(e).isInstanceOf(InvalidProducerEpochException.class));
                assertThat(later.publish(rows(3, 3))).isInstanceOf(Publisher.Outcome.Published.class);
            }
        }
        assertThat(Stage.texts(Stage.read(topic))).containsExactly("1", "3");
    }

    @Test
    void receiptsOfAnEarlierPublisherAreKnownToTheNext() {
        try (var earlier = Publisher.open(name, Stage.kafka(), PATIENCE, Publisher.Packing.TOGETHER)) {
            assertThat(earlier.receipts()).isEmpty();
            earlier.publish(rows(1, RelaySettings.BATCH_ROWS));
        }
        try (var later = Publisher.open(name, Stage.kafka(), PATIENCE, Publisher.Packing.TOGETHER)) {
            assertThat(later.receipts())
                    .anyMatch(receipt -> receipt.isFor(rows(1, RelaySettings.BATCH_ROWS)))
                    .noneMatch(receipt -> receipt.isFor(rows(1, 2)));
        }
    }

    private List<OutboxRow> rows(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(i -> new OutboxRow(
                        i,
                        Instant.EPOCH,
                        0,
                        new ProducerRecord<>(topic, "key", Integer.toString(i).getBytes(StandardCharsets.UTF_8))))
                .toList();
    }
}
