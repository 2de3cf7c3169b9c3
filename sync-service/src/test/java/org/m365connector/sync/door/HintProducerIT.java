package org.m365connector.sync.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.MemorySize;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.KafkaBroker;
import org.m365connector.events.NotificationHint;
import org.m365connector.events.Topics;
import org.m365connector.sync.work.Role;

class HintProducerIT {

    private static boolean sent(HintProducer hints, NotificationHint hint) throws Exception {
        CompletableFuture<Boolean> stored = new CompletableFuture<>();
        assertThat(hints.send(List.of(hint), stored::complete)).isTrue();
        return stored.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aBrokerThatHadNoAddressAtTheStartIsFoundLater() throws Exception {
        // Given a door whose broker's name does not resolve
        Map<String, Object> kafka = new HashMap<>(Map.of("bootstrap.servers", "no-such-host.invalid:9092"));
        HintProducer hints = new HintProducer(
                kafka, new Door(), () -> Set.of(Role.DOOR), new SimpleMeterRegistry(), Clock.systemUTC());
        NotificationHint hint = new NotificationHint(
                "watch", "subscription", Optional.of("created"), Optional.of("users/1/messages/2"), Optional.empty());
        hints.start(new StartupEvent());
        try (KafkaBroker broker = KafkaBroker.start()) {
            broker.createTopic(Topics.NOTIFICATIONS, 1, Map.of());
            assertThat(sent(hints, hint)).isFalse();
            assertThat(hints.isReady()).isFalse();

            // When the name resolves
            kafka.put("bootstrap.servers", broker.bootstrapServers());

            // Then it opens by itself, and notifications are taken
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                hints.tryToOpen();
                return hints.isReady();
            });
            assertThat(sent(hints, hint)).isTrue();
        } finally {
            hints.stop(new ShutdownEvent());
        }
    }

    /** As configured by default, with more patience for a broker that has just started. */
    private record Door() implements DoorConfig {
        @Override
        public Duration answerWithin() {
            return Duration.ofSeconds(5);
        }

        @Override
        public MemorySize largestBody() {
            return new MemorySize(BigInteger.valueOf(1_048_576));
        }

        @Override
        public int mostItems() {
            return 1000;
        }

        @Override
        public int mostInFlight() {
            return 20_000;
        }
    }
}
