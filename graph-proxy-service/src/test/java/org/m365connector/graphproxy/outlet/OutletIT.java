package org.m365connector.graphproxy.outlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.m365connector.backends.KafkaProcess;

/** Kafka away: nobody who offers a record notices, and not one is lost uncounted. */
class OutletIT {

    private static final int OFFERED = 5_000;
    private static final Map<String, Object> IMPATIENT = Map.of(
            ProducerConfig.MAX_BLOCK_MS_CONFIG, 15_000,
            ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 3_000,
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 15_000,
            ProducerConfig.LINGER_MS_CONFIG, 0,
            ProducerConfig.BUFFER_MEMORY_CONFIG, 64 * 1024L);

    @ParameterizedTest
    @ValueSource(longs = {20})
    void everyRecordIsSentOrCountedAsDropped(long gatheringMillis) {
        KafkaProcess kafka = KafkaProcess.start();
        kafka.createTopic("t", 1, Map.of());
        try (Outlet outlet = new Outlet(
                "test",
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                IMPATIENT,
                1_000,
                Duration.ofMillis(gatheringMillis))) {
            offer(outlet, 100);
            await().atMost(Duration.ofMinutes(3)).until(() -> outlet.sent() + outlet.dropped() == 100);
            assertThat(outlet.sent()).isPositive();

            kafka.close();
            offer(outlet, OFFERED);

            assertThat(outlet.waiting()).isLessThanOrEqualTo(1_000);
            assertThat(outlet.dropped()).as("what did not fit").isPositive();
            // Kafka's client holds 64 KiB, and what waits in it is given up after a while.
            assertThat(outlet.sent() + outlet.dropped() + outlet.waiting()).isGreaterThan(OFFERED + 100 - 70);
            long atOnce = outlet.dropped();
            await().atMost(Duration.ofMinutes(3)).until(() -> outlet.dropped() > atOnce);
        }
    }

    @Test
    void recordThatCannotBeMadeIsCountedAndThoseBehindItGoOn() {
        try (KafkaProcess kafka = KafkaProcess.start()) {
            kafka.createTopic("t", 1, Map.of());
            try (Outlet outlet =
                    new Outlet("test", Map.of("bootstrap.servers", kafka.bootstrapServers()), IMPATIENT, 10)) {
                outlet.offer(() -> {
                    throw new IllegalArgumentException("no record");
                });
                offer(outlet, 1);
                await().atMost(Duration.ofMinutes(3)).until(() -> outlet.sent() == 1 && outlet.dropped() == 1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {20})
    void whatIsLeftAtAStopInTheMiddleOfAnOutageIsCounted(long gatheringMillis) {
        KafkaProcess kafka = KafkaProcess.start();
        kafka.createTopic("t", 1, Map.of());
        Outlet outlet = new Outlet(
                "test",
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                IMPATIENT,
                1_000,
                Duration.ofMillis(gatheringMillis));
        offer(outlet, 10);
        await().atMost(Duration.ofMinutes(3)).until(() -> outlet.sent() == 10);
        kafka.close();
        offer(outlet, 300);

        outlet.close();
        offer(outlet, 5);

        assertThat(outlet.sent() + outlet.dropped()).isEqualTo(315);
    }

    private static void offer(Outlet outlet, int count) {
        byte[] value = new byte[1_000];
        ThreadLocalRandom.current().nextBytes(value);
        for (int i = 0; i < count; i++) {
            outlet.offer(() -> Optional.of(new ProducerRecord<>("t", "k", value)));
        }
    }
}
