package org.m365connector.sync.round;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.events.EncryptedResource;
import org.m365connector.events.NotificationHint;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.sync.change.Doubts;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.graph.GraphAccess;
import org.m365connector.sync.rich.RichContents;
import org.m365connector.view.Views;

/**
 * Tells a change from a notification's content, so that no round is needed at once. The round comes later all the same, and is the
 * truth: whatever is wrong with the content, or not beyond doubt, is left to it.
 */
@ApplicationScoped
class EarlyNews {
    private static final Logger LOG = Logger.getLogger(EarlyNews.class);

    private final Rounds rounds;
    private final Doubts doubts;
    private final RichContents contents;
    private final GraphAccess graph;
    private final Views views;
    private final RoundConfig config;
    private final Clock clock;
    private final MeterRegistry meters;

    EarlyNews(
            Rounds rounds,
            Doubts doubts,
            RichContents contents,
            GraphAccess graph,
            Views views,
            RoundConfig config,
            Clock clock,
            MeterRegistry meters) {
        this.rounds = rounds;
        this.doubts = doubts;
        this.contents = contents;
        this.graph = graph;
        this.views = views;
        this.config = config;
        this.clock = clock;
        this.meters = meters;
    }

    /** To be called when it is durable that a round will come. Never throws for what the content is. */
    void tell(NotificationHint hint, EncryptedResource content) {
        String end;
        try {
            end = tellOrSayWhy(hint, content);
        } catch (RuntimeException e) {
            // Its message may repeat the content.
            end = "unreadable";
            LOG.warnf(
                    "content of a notification cannot be read kind=%s at=%s",
                    e.getClass().getName(), e.getStackTrace().length == 0 ? "" : e.getStackTrace()[0]);
        }
        meters.counter("m365.sync.rich", "end", end).increment();
        if (!end.equals("told")) {
            LOG.infof("content of a notification is left to the round watch=%s reason=%s", hint.watch(), end);
            rounds.dueNow(hint.watch());
        }
    }

    private String tellOrSayWhy(NotificationHint hint, EncryptedResource content) {
        Optional<Rounds.Listening> listening = rounds.listening(hint.watch());
        if (listening.isEmpty()) {
            return "not-wanted";
        }
        var carrier = listening.get().carrier();
        Optional<RegistrationRecord> registration =
                views.registrations().get(RegistrationRecord.key(carrier.portal(), carrier.registration()));
        if (registration.isEmpty()) {
            return "registration-unknown";
        }
        RichContents.Opened opened = contents.open(content, registration.get());
        if (opened.json().isEmpty()) {
            return opened.refusal().orElseThrow().word();
        }
        Optional<Item> item = ContainerReader.of(
                        listening.get().container(),
                        carrier,
                        graph.as(carrier.acting()),
                        config,
                        clock.instant(),
                        Questions.none())
                .told(opened.json().get(), content);
        // Whose echo it may be is asked in a transaction of its own, before that of the change holds anything.
        boolean clear =
                item.isPresent() && !doubts.ownMayBeAmong(listening.get().container(), List.of(item.get()));
        return clear && rounds.applyEarly(listening.get(), item.get()) ? "told" : "left";
    }
}
