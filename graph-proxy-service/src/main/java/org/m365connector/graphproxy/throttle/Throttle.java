package org.m365connector.graphproxy.throttle;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerOptions;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The governor of one replica with everything it needs; without one where it is switched off. */
public final class Throttle implements AutoCloseable {

    private final Limits limits;
    private final Clock clock;
    private final Optional<Parts> parts;

    private record Parts(
            Governor governor,
            Turns turns,
            Fleet fleet,
            Crowd crowd,
            Hearing hearing,
            ReplicaNews news,
            ThrottlingTopic topic) {}

    private Throttle(Limits limits, Clock clock, Optional<Parts> parts) {
        this.limits = limits;
        this.clock = clock;
        this.parts = parts;
    }

    /** @param clock by which Graph's dates are read and events are dated; nothing is counted by it */
    static Throttle start(
            ThrottleConfig config, Map<String, Object> kafkaConfig, String topicName, Clock clock, Time time) {
        Limits limits = new Limits(config.limits());
        if (!config.enabled()) {
            return new Throttle(limits, clock, Optional.empty());
        }
        String self = UUID.randomUUID().toString();
        Fleet fleet = new Fleet(self, config.replicaSilence());
        Hearing hearing = new Hearing(time, config.replicaSilence(), fleet::settled);
        ThrottlingTopic topic = new ThrottlingTopic(self, kafkaConfig, topicName, clock, time);
        Turns turns = new Turns(self, time, fleet, topic::tell);
        Crowd crowd = new Crowd(config.queue(), config.waiting());
        Governor governor = new Governor(
                self,
                fleet,
                hearing,
                turns,
                new Governor.Patience(config.interactiveWait(), config.syncWait()),
                crowd,
                time,
                topic::tell);
        ReplicaNews news = new ReplicaNews(self, fleet, hearing, governor.apps(), turns, time);
        topic.start(news);
        return new Throttle(limits, clock, Optional.of(new Parts(governor, turns, fleet, crowd, hearing, news, topic)));
    }

    public GraphScopes scopes() {
        return new GraphScopes(limits);
    }

    public Clock clock() {
        return clock;
    }

    /** This process listens there from now on. The others are told, and know by that that whoever listened there before is dead. */
    void listensAt(HttpServerOptions server) {
        parts.ifPresent(p -> p.news().listensAt(ListeningPlace.of(server)));
    }

    /** Fails with {@link ThrottledException}. Empty where nothing is held back. */
    public Future<Optional<Permit>> ask(Demand demand, Lane lane) {
        return parts.isEmpty()
                ? Future.succeededFuture(Optional.empty())
                : parts.get().governor().ask(demand, lane).map(Optional::of);
    }

    /**
     * Whether the other replicas have made room: it stays so, also when Kafka goes away. Whoever has never heard of them has no share, not
     * even a small one.
     */
    public boolean ready() {
        return parts.map(p -> p.hearing().everHeard()).orElse(true);
    }

    /** Whether this replica has its whole share now. */
    boolean heard() {
        return parts.map(p -> p.hearing().heard()).orElse(true);
    }

    int replicas() {
        return parts.map(p -> p.fleet().alive()).orElse(1);
    }

    /** Calls that wait, and everything that is remembered of turns that have not ended. */
    int open() {
        return parts.map(p -> p.crowd().waiting() + p.turns().open()).orElse(0);
    }

    /** Forgets what nobody uses. To be called now and then. */
    public void sweep() {
        parts.ifPresent(p -> p.governor().apps().sweep());
    }

    public void measure(MeterRegistry meters) {
        parts.ifPresent(p -> {
            Gauge.builder("m365.proxy.throttle.replicas", p.fleet(), Fleet::alive)
                    .description("Replicas that share Graph's limits, as this one sees it")
                    .register(meters);
            Gauge.builder("m365.proxy.throttle.connected", p.hearing(), hearing -> hearing.heard() ? 1 : 0)
                    .description("1 while this one and the others hear each other; else it takes half of its share")
                    .register(meters);
            Gauge.builder("m365.proxy.throttle.waiting", p.crowd(), Crowd::waiting)
                    .description("Calls that wait for one of Graph's limits")
                    .register(meters);
            FunctionCounter.builder("m365.proxy.throttle.waited", p.crowd(), Crowd::waitedInAll)
                    .description("Calls that had to wait for one of Graph's limits")
                    .register(meters);
            FunctionCounter.builder("m365.proxy.throttle.refused", p.crowd(), Crowd::refusedInAll)
                    .description("Calls that were refused with throttled-by-connector")
                    .register(meters);
        });
    }

    @Override
    public void close() {
        parts.ifPresent(p -> p.topic().close());
    }
}
