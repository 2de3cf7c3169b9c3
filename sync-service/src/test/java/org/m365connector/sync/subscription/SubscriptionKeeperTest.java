package org.m365connector.sync.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.m365connector.sync.entitlement.Entitlements;
import org.m365connector.sync.graph.Neighbours;
import org.m365connector.sync.watch.ContainerFound;
import org.m365connector.sync.work.RolesConfig;

class SubscriptionKeeperTest {
    private final AtomicBoolean known = new AtomicBoolean();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger claims = new AtomicInteger();

    /** Before the view is there every portal looks as if it might everything. */
    @Test
    void noSubscriptionIsMadeBeforeItIsKnownWhoIsEntitled() {
        SubscriptionConfig config = settings(SubscriptionConfig.class);
        SubscriptionLedger ledger =
                new SubscriptionLedger(null, null, null, null, null, null, config, null, Clock.systemUTC()) {
                    @Override
                    void addMissing() {}

                    @Override
                    void followDoor() {}

                    @Override
                    Optional<Claimed> claim() {
                        claims.incrementAndGet();
                        return Optional.empty();
                    }
                };
        WatchEnding ending = new WatchEnding(null, null, null, config, null) {
            @Override
            boolean endOne() {
                return false;
            }
        };
        Entitlements entitlements = new Entitlements(null, Clock.systemUTC()) {
            @Override
            public boolean known() {
                asked.incrementAndGet();
                return known.get();
            }
        };
        SubscriptionKeeper keeper = new SubscriptionKeeper(
                ledger,
                null,
                ending,
                null,
                null,
                null,
                new HasPublicAddress(),
                config,
                settings(RolesConfig.class),
                entitlements,
                null,
                Clock.systemUTC());
        keeper.start(new StartupEvent());
        try {
            await().atMost(Duration.ofMinutes(3)).until(() -> {
                keeper.found(new ContainerFound());
                return asked.get() > 10;
            });
            assertThat(claims).hasValue(0);

            known.set(true);
            await().atMost(Duration.ofMinutes(3)).until(() -> claims.get() > 0);
        } finally {
            keeper.stop(null);
        }
    }

    private static <T> T settings(Class<T> mapping) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(mapping)
                .build()
                .getConfigMapping(mapping);
    }

    private static final class HasPublicAddress implements Neighbours {
        @Override
        public URI proxyUrl() {
            return URI.create("http://localhost:1");
        }

        @Override
        public URI authUrl() {
            return URI.create("http://localhost:1");
        }

        @Override
        public Optional<URI> publicNotificationUrl() {
            return Optional.of(URI.create("http://localhost:1"));
        }
    }
}
