package org.m365connector.sync.round;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.m365connector.sync.change.ChangeLog;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.round.Rounds.Begun;

/**
 * Looks at single things, where a delta lags: what notifications have named and no round has shown, and states of which a page
 * does not say which is the newer one. What they find is told like what a round misses. No transaction is open meanwhile.
 */
@ApplicationScoped
class SingleLooks {
    private static final Logger LOG = Logger.getLogger(SingleLooks.class);

    /** So many in a round, which goes on to hold others up. */
    private static final int MOST = 50;

    /** So many rounds more a thing that cannot be asked for is tried again. */
    private static final int PATIENCE = 3;

    private final OpenHints hints;
    private final ChangeLog changes;
    private final RoundConfig config;
    private final MeterRegistry meters;

    SingleLooks(OpenHints hints, ChangeLog changes, RoundConfig config, MeterRegistry meters) {
        this.hints = hints;
        this.changes = changes;
        this.config = config;
        this.meters = meters;
    }

    /** At what rounds were to show and have not, follow-ups included. */
    Rounds.Unseen at(Awaited awaited, ContainerReader reader, Begun round) {
        Found found = new Found();
        for (Item item : awaited.overdue(round.container(), config.followUps(), MOST)) {
            Optional<Single> answer = ask(reader, item);
            boolean clear = answer.filter(single -> found.take(single, item, reader, awaited, round))
                    .isPresent();
            if (clear || awaited.isHopeless(item.id(), config.followUps() + PATIENCE)) {
                awaited.answered(item.id());
            }
            meters.counter("m365.sync.hints.asked", "end", clear ? "answered" : "open")
                    .increment();
        }
        return found.unseen(reader, round);
    }

    /**
     * At things that a page shows in a state that may be older than the one that was told; not what it takes more to say of.
     *
     * @throws GraphException where one of them cannot be asked for now: untold it is asked for again, told it may be the older state
     */
    Rounds.Unseen at(List<Item> items, ContainerReader reader, Begun round) {
        Found found = new Found();
        for (Item item : items) {
            Optional<Single> answer = askSurely(reader, item);
            answer.filter(Single.There.class::isInstance)
                    .ifPresent(single -> found.there.add(((Single.There) single).item()));
            answer.filter(Single.Gone.class::isInstance).ifPresent(single -> found.gone.add(item));
        }
        return found.unseen(reader, round);
    }

    /** Empty where it cannot be asked for at all. */
    private static Optional<Single> askSurely(ContainerReader reader, Item item) {
        try {
            return Optional.of(reader.single(item));
        } catch (GraphException e) {
            if (e.failure().retryable() || e.failure().throttled()) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** Empty where it cannot be asked for now; who is to be left in peace is. */
    private static Optional<Single> ask(ContainerReader reader, Item item) {
        try {
            return Optional.of(reader.single(item));
        } catch (GraphException e) {
            if (e.failure().throttled()) {
                throw e;
            }
            LOG.infof(
                    "a thing that was named cannot be asked for problem=%s",
                    e.failure().words());
            return Optional.empty();
        }
    }

    private final class Found {
        private final List<Item> there = new ArrayList<>();
        private final List<Item> gone = new ArrayList<>();
        private final Set<String> outside = new HashSet<>();

        /** @return false where it is too early to tell */
        private boolean take(Single single, Item item, ContainerReader reader, Awaited awaited, Begun round) {
            if (single instanceof Single.Elsewhere elsewhere) {
                return hints.move(round.container(), elsewhere.path(), item.id());
            }
            if (single instanceof Single.Gone) {
                gone.add(item);
            } else if (single instanceof Single.There found) {
                return take(found.item(), reader, awaited, round);
            }
            return true;
        }

        private boolean take(Item item, ContainerReader reader, Awaited awaited, Begun round) {
            if (changes.ownMayBeAmong(round.container(), List.of(item))) {
                return false;
            }
            boolean isOutside = reader.isOutside(item);
            if (isOutside && !awaited.isKnown(item.id())) {
                // It is told once the window has come so near.
                return true;
            }
            if (isOutside) {
                outside.add(item.id());
            }
            there.add(item);
            return true;
        }

        /** With what people wrote, where that is told. */
        private Rounds.Unseen unseen(ContainerReader reader, Begun round) {
            if (there.isEmpty() && gone.isEmpty()) {
                return Rounds.Unseen.NOTHING;
            }
            Set<Item> without = new HashSet<>(changes.withoutContent(round.container(), round.carrier(), there));
            return new Rounds.Unseen(
                    List.copyOf(gone),
                    there.stream()
                            .map(item -> without.contains(item) ? reader.withContent(item) : item)
                            .toList(),
                    Set.copyOf(outside));
        }
    }
}
