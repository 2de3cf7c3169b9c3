package org.m365connector.graphproxy.throttle;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.m365connector.events.TurnEnded;
import org.m365connector.events.TurnTaken;

/** The governor of one replica with everything it needs; without one where it is switched off. */
public final class Throttle implements AutoCloseable {

    private final Limits limits;
    private final Clock clock;
    private final Optional<Parts> parts;

    private record Parts(Governor governor, Turns turns, Fleet fleet, ThrottlingTopic topic) {}

    private Throttle(Limits limits, Clock clock, Optional<Parts> parts) {
        this.limits = limits;
        this.clock = clock;
        this.parts = parts;
    }

    static Throttle start(ThrottleConfig config, Map<String, Object> kafkaConfig, Clock clock, Timers timers) {
        Limits limits = new Limits(config.limits());
        if (!config.enabled()) {
            return new Throttle(limits, clock, Optional.empty());
        }
        String self = UUID.randomUUID().toString();
        Fleet fleet = new Fleet(self, config.replicaSilence());
        ThrottlingTopic topic = new ThrottlingTopic(self, kafkaConfig, fleet, config.replicaSilence(), clock);
        Turns turns = new Turns(self, clock, timers, event -> {
            if (event instanceof TurnTaken taken) {
                topic.tell(taken);
            } else {
                topic.tell((TurnEnded) event);
            }
        });
        Governor governor = new Governor(
                self,
                fleet,
                turns,
                new Governor.Patience(config.interactiveWait(), config.syncWait(), config.queue()),
                clock,
                timers,
                topic::tell);
        topic.start(governor, turns);
        return new Throttle(limits, clock, Optional.of(new Parts(governor, turns, fleet, topic)));
    }

    public GraphScopes scopes() {
        return new GraphScopes(limits);
    }

    public Clock clock() {
        return clock;
    }

    /** Fails with {@link ThrottledException}. Empty where nothing is held back. */
    public Future<Optional<Permit>> ask(Demand demand, Lane lane) {
        return parts.isEmpty()
                ? Future.succeededFuture(Optional.empty())
                : parts.get().governor().ask(demand, lane).map(Optional::of);
    }

    /** Whether this replica's shares are its own by now. */
    public boolean ready() {
        return parts.map(p -> p.topic().settled()).orElse(true);
    }

    int replicas() {
        return parts.map(p -> p.fleet().members()).orElse(1);
    }

    /** Forgets what nobody uses. To be called now and then. */
    public void sweep() {
        parts.ifPresent(p -> {
            p.governor().sweep();
            p.turns().sweep();
        });
    }

    public void measure(MeterRegistry meters) {
        parts.ifPresent(p -> {
            Gauge.builder("m365.proxy.throttle.replicas", p.fleet(), Fleet::members)
                    .description("Replicas that share Graph's limits, as this one sees it")
                    .register(meters);
            Gauge.builder("m365.proxy.throttle.connected", p.topic(), t -> t.connected() ? 1 : 0)
                    .description("1 while the other replicas are heard on m365.throttling")
                    .register(meters);
            Gauge.builder("m365.proxy.throttle.waiting", p.governor(), Governor::waiting)
                    .description("Calls that wait for one of Graph's limits")
                    .register(meters);
            FunctionCounter.builder("m365.proxy.throttle.waited", p.governor(), Governor::waited)
                    .description("Calls that had to wait for one of Graph's limits")
                    .register(meters);
            FunctionCounter.builder("m365.proxy.throttle.refused", p.governor(), Governor::refused)
                    .description("Calls that were refused with throttled-by-connector")
                    .register(meters);
        });
    }

    @Override
    public void close() {
        parts.ifPresent(p -> p.topic().close());
    }
}
