package org.m365connector.sync.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.MemorySize;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
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
    private static final int MOST = 20_000;

    private static boolean sent(HintProducer hints, NotificationHint hint) throws Exception {
        CompletableFuture<Boolean> stored = new CompletableFuture<>();
        assertThat(hints.send(List.of(hint), stored::complete)).isTrue();
        return stored.get(1, TimeUnit.MINUTES);
    }

    @Test
    void aBrokerThatHadNoAddressAtTheStartIsFoundLater() throws Exception {
        // Given a door whose broker's name does not resolve
        Map<String, Object> kafka = new HashMap<>(Map.of("bootstrap.servers", "no-such-host.invalid:9092"));
        HintProducer hints = new HintProducer(
                kafka,
                new Door(Duration.ofSeconds(5)),
                () -> Set.of(Role.DOOR),
                new SimpleMeterRegistry(),
                Clock.systemUTC());
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
            await().atMost(Duration.ofMinutes(3)).until(() -> {
                hints.tryToOpen();
                return hints.isReady();
            });
            await().atMost(Duration.ofMinutes(3)).until(() -> sent(hints, hint));
        } finally {
            hints.stop(new ShutdownEvent());
        }
    }

    @Test
    void roomIsWhatIsNotOnItsWay() throws Exception {
        // Given a broker that does not answer
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Map<String, Object> kafka = Map.of("bootstrap.servers", "127.0.0.1:" + silent.getLocalPort());
            HintProducer hints = new HintProducer(
                    kafka,
                    new Door(Duration.ofMinutes(2)),
                    () -> Set.of(Role.DOOR),
                    new SimpleMeterRegistry(),
                    Clock.systemUTC());
            NotificationHint hint = new NotificationHint(
                    "watch",
                    "subscription",
                    Optional.of("created"),
                    Optional.of("users/1/messages/2"),
                    Optional.empty());
            assertThat(hints.hasRoomFor(MOST)).isTrue();
            assertThat(hints.hasRoomFor(MOST + 1))
                    .as("or it would never be taken")
                    .isTrue();

            // When half of what may be is on its way
            assertThat(hints.send(Collections.nCopies(MOST / 2, hint), stored -> {}))
                    .isTrue();

            // Then there is room for the other half
            assertThat(hints.hasRoomFor(MOST / 2)).isTrue();
            assertThat(hints.hasRoomFor(MOST / 2 + 1)).isFalse();
            assertThat(hints.send(Collections.nCopies(MOST / 2 + 1, hint), stored -> {}))
                    .isFalse();
            hints.stop(new ShutdownEvent());
        }
    }

    /**
     * As configured by default, but for the time: a broker that has just started needs more.
     *
     * @param answerWithin instead of a second
     */
    private record Door(Duration answerWithin) implements DoorConfig {
        @Override
        public MemorySize largestBody() {
            return new MemorySize(BigInteger.valueOf(1_048_576));
        }

        @Override
        public MemorySize largestContent() {
            return new MemorySize(BigInteger.valueOf(262_144));
        }

        @Override
        public int mostItems() {
            return 1000;
        }

        @Override
        public int mostInFlight() {
            return MOST;
        }
    }
}
