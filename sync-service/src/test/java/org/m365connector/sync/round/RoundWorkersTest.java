package org.m365connector.sync.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.m365connector.sync.entitlement.Entitlements;
import org.m365connector.sync.work.RolesConfig;

class RoundWorkersTest {
    private final AtomicBoolean known = new AtomicBoolean();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger claims = new AtomicInteger();

    /** Before the view is there every portal looks as if it might everything. */
    @Test
    void noRoundIsMadeBeforeItIsKnownWhoIsEntitled() {
        RoundConfig config = settings(RoundConfig.class);
        Rounds rounds =
                new Rounds(
                        null, null, null, null, null, null, null, null, null, null, null, config, Clock.systemUTC()) {
                    @Override
                    Optional<Begun> claim() {
                        claims.incrementAndGet();
                        return Optional.empty();
                    }
                };
        Entitlements entitlements = new Entitlements(null, Clock.systemUTC()) {
            @Override
            public boolean known() {
                asked.incrementAndGet();
                return known.get();
            }
        };
        RoundWorkers workers = new RoundWorkers(rounds, null, config, settings(RolesConfig.class), entitlements, null);
        workers.start(new StartupEvent());
        try {
            await().atMost(Duration.ofMinutes(3)).until(() -> {
                workers.wake();
                return asked.get() > 10;
            });
            assertThat(claims).hasValue(0);

            known.set(true);
            await().atMost(Duration.ofMinutes(3)).until(() -> claims.get() > 0);
        } finally {
            workers.stop(null);
        }
    }

    private static <T> T settings(Class<T> mapping) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(mapping)
                .build()
                .getConfigMapping(mapping);
    }
}
