package org.m365connector.sync.round;

import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.m365connector.events.NotificationHint;
import org.m365connector.outbox.Consumption;
import org.m365connector.sync.subscription.SubscriptionLedger;
import org.m365connector.sync.watch.Containers;

/** Notes that a container has changed, or what Graph says of a subscription. The round finds out what it was. */
@ApplicationScoped
class HintListener {
    private static final Pattern CHAT = Pattern.compile("^/?chats(?:\\('|/)([^'/]+)", Pattern.CASE_INSENSITIVE);

    private static final Pattern MAIL = Pattern.compile(
            "^/?users(?:\\('[^']*'\\)|/[^/]+)/messages(?:\\('([^']+)'\\)|/([^/?]+))$", Pattern.CASE_INSENSITIVE);

    private final Consumption consumption;
    private final Containers containers;
    private final OpenHints hints;
    private final SubscriptionLedger subscriptions;
    private final EarlyNews news;
    private final RoundWorkers workers;
    private final RoundConfig config;
    private final MeterRegistry meters;

    HintListener(
            Consumption consumption,
            Containers containers,
            OpenHints hints,
            SubscriptionLedger subscriptions,
            EarlyNews news,
            RoundWorkers workers,
            RoundConfig config,
            MeterRegistry meters) {
        this.consumption = consumption;
        this.containers = containers;
        this.hints = hints;
        this.subscriptions = subscriptions;
        this.news = news;
        this.workers = workers;
        this.config = config;
        this.meters = meters;
    }

    @Incoming("notifications")
    @Blocking(ordered = false)
    void on(ConsumerRecord<String, byte[]> record) {
        AtomicReference<NotificationHint> noted = new AtomicReference<>();
        consumption.process(record, consumed -> {
            NotificationHint hint = consumed.as(NotificationHint.class).data();
            note(hint, consumed.event().time());
            noted.set(hint);
        });
        Optional.ofNullable(noted.get())
                .ifPresent(hint -> hint.content().ifPresent(content -> news.tell(hint, content)));
        workers.wake();
    }

    /** {@code chats('19:…')/messages('1612289765949')}. */
    private static Optional<String> chat(String resource) {
        Matcher chat = CHAT.matcher(resource);
        return chat.find() ? Optional.of("chats/" + chat.group(1)) : Optional.empty();
    }

    /** {@code Users/<id>/Messages/AAk…}, {@code users('<id>')/messages('AAk…')}. */
    static Optional<String> mail(String resource) {
        Matcher mail = MAIL.matcher(resource);
        return mail.matches() ? Optional.of(mail.group(1) != null ? mail.group(1) : mail.group(2)) : Optional.empty();
    }

    /** The container's lock before the subscription's, as everywhere. */
    private void note(NotificationHint hint, Instant taken) {
        String event = hint.lifecycleEvent().orElse("");
        if (event.equals("reauthorizationRequired")) {
            subscriptions.renewSoon(hint.watch(), taken);
            return;
        }
        // A change, "missed", or a word of tomorrow: a round finds out.
        Duration later = hint.content().isPresent() ? config.afterContent() : Duration.ZERO;
        Optional<String> chat = hint.resource().flatMap(HintListener::chat);
        // One that is not known may be new, which the whole finds out; its lock comes before those of parts.
        boolean known =
                chat.filter(part -> containers.hasPart(hint.watch(), part)).isPresent()
                        || containers.hinted(hint.watch(), later);
        chat.ifPresent(containers::partHinted);
        // Of a mailbox: where the mail was it may have left.
        hint.resource().flatMap(HintListener::mail).ifPresent(id -> containers.partThatKnowsHinted(hint.watch(), id));
        if (event.isEmpty()) {
            // Also what carries content, which may be refused, or its process killed before it is told.
            hint.resource().flatMap(NamedItem::of).ifPresent(item -> hints.note(hint, item, chat.orElse("")));
        }
        if (!event.isEmpty()) {
            // Nobody knows in which part.
            containers.ofMark(hint.watch()).ifPresent(containers::due);
        }
        if (!known) {
            // Late notifications of ended watches are normal.
            meters.counter("m365.sync.hints.unknown").increment();
        }
        if (event.equals("subscriptionRemoved")) {
            subscriptions.removed(hint.watch(), hint.subscriptionId());
        }
    }
}
