package org.m365connector.view;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.common.annotation.Identifier;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.Topics;

/**
 * The suite's own compacted topics as views, one each per application. A view is started when it is asked for the first
 * time, and is empty until it is {@link TopicView#ready}: ask when the application starts, so that its readiness waits
 * for the views that it needs.
 */
@ApplicationScoped
public class Views {
    private final Map<String, Object> kafkaConfig;
    private final ViewConfig config;
    private final MeterRegistry meters;
    private final Map<String, TopicView<?>> started = new LinkedHashMap<>();

    Views(
            @Identifier("default-kafka-broker") Map<String, Object> kafkaConfig,
            ViewConfig config,
            MeterRegistry meters) {
        this.kafkaConfig = kafkaConfig;
        this.config = config;
        this.meters = meters;
    }

    public TopicView<PortalRecord> portals() {
        return view(
                Topics.PORTALS,
                () -> TopicView.json(Topics.PORTALS, kafkaConfig, PortalRecord.class, PortalRecord::version));
    }

    public TopicView<RegistrationRecord> registrations() {
        return view(
                Topics.REGISTRATIONS,
                () -> TopicView.json(
                        Topics.REGISTRATIONS, kafkaConfig, RegistrationRecord.class, RegistrationRecord::version));
    }

    public TopicView<AccountRecord> accounts() {
        return view(
                Topics.ACCOUNTS,
                () -> TopicView.json(Topics.ACCOUNTS, kafkaConfig, AccountRecord.class, AccountRecord::version));
    }

    public TopicView<AssignmentsRecord> assignments() {
        return view(Topics.ASSIGNMENTS, () -> TopicView.assignments(kafkaConfig));
    }

    /** The views that somebody asked for. */
    synchronized List<TopicView<?>> started() {
        return List.copyOf(started.values());
    }

    // One topic has one type: the four methods above are the only callers.
    @SuppressWarnings("unchecked")
    private synchronized <V> TopicView<V> view(String topic, Supplier<TopicView.Builder<V>> builder) {
        return (TopicView<V>) started.computeIfAbsent(topic, name -> start(builder.get()));
    }

    private <V> TopicView<V> start(TopicView.Builder<V> builder) {
        var view = builder.rebuildAfter(config.rebuildAfter())
                .probeInterval(config.probeInterval())
                .staleAfter(config.staleAfter())
                .start();
        measure(view);
        return view;
    }

    private void measure(TopicView<?> view) {
        gauge("m365.view.age", view, v -> v.age().toMillis() / 1000.0)
                .baseUnit("seconds")
                .description("Time since which the view is not known to be complete")
                .register(meters);
        gauge("m365.view.stale", view, v -> v.stale() ? 1 : 0)
                .description("1 while the view is older than m365.view.stale-after")
                .register(meters);
        gauge("m365.view.ready", view, v -> v.ready() ? 1 : 0)
                .description("1 once the view has been complete")
                .register(meters);
        gauge("m365.view.size", view, TopicView::size)
                .description("Keys in the view")
                .register(meters);
        FunctionCounter.builder("m365.view.undecodable", view, TopicView::undecodable)
                .tag("topic", view.topic())
                .description("Records that could not be understood; their keys count as removed")
                .register(meters);
        FunctionCounter.builder("m365.view.rebuilds", view, TopicView::rebuilds)
                .tag("topic", view.topic())
                .description("How often the view was built anew")
                .register(meters);
    }

    private static Gauge.Builder<? extends TopicView<?>> gauge(
            String name, TopicView<?> view, ToDoubleFunction<TopicView<?>> value) {
        return Gauge.builder(name, view, value::applyAsDouble).tag("topic", view.topic());
    }

    @PreDestroy
    void close() {
        started().forEach(TopicView::close);
    }
}
