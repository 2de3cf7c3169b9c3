package org.m365connector.sync.round;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.m365connector.sync.change.Doubts;
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
    private final Doubts doubts;
    private final RoundConfig config;
    private final MeterRegistry meters;

    SingleLooks(OpenHints hints, Doubts doubts, RoundConfig config, MeterRegistry meters) {
        this.hints = hints;
        this.doubts = doubts;
        this.config = config;
        this.meters = meters;
    }

    /**
     * What looks have brought.
     *
     * @param settled ids of things that need not be asked for again
     * @param end what put an end to them before their time; empty where all were made
     */
    record Looked(Rounds.Unseen found, Set<String> settled, Optional<GraphException> end) {

        /** @throws GraphException where they were put an end to; what they have brought is to be kept before */
        void orThrow() {
            if (end.isPresent()) {
                throw end.get();
            }
        }
    }

    /** At what rounds were to show and have not, follow-ups included. */
    Looked at(Awaited awaited, ContainerReader reader, Questions questions, Begun round) {
        Found found = new Found(reader, questions, round);
        for (Item item : awaited.overdue(round.container(), config.followUps(), MOST)) {
            try {
                boolean clear = ask(reader, questions, item)
                        .filter(single -> found.take(single, item, awaited))
                        .isPresent();
                if (clear || awaited.isHopeless(item.id(), config.followUps() + PATIENCE)) {
                    found.settled.add(item.id());
                }
                meters.counter("m365.sync.hints.asked", "end", clear ? "answered" : "open")
                        .increment();
            } catch (GraphException e) {
                return found.until(e);
            }
        }
        return found.all();
    }

    /**
     * At things that a page shows in a state that may be older than the one that was told; not what it takes more to say of. Where one
     * of them cannot be asked for now, that is the end: untold it is asked for again, told it may be the older state.
     */
    Looked at(List<Item> items, ContainerReader reader, Questions questions, Begun round) {
        Found found = new Found(reader, questions, round);
        for (Item item : items) {
            try {
                questions
                        .ask(item.id(), () -> askSurely(reader, item), Optional.<Single>empty())
                        .flatMap(asked -> asked)
                        .ifPresent(single -> found.take(single, item));
            } catch (GraphException e) {
                return found.until(e);
            }
        }
        return questions.end().map(found::until).orElseGet(found::all);
    }

    /** Empty where it cannot be asked for at all. */
    private static Optional<Single> askSurely(ContainerReader reader, Item item) {
        try {
            return Optional.of(reader.single(item));
        } catch (GraphException e) {
            if (e.failure().retryable() || e.failure().throttled() || Whereabouts.isOfItsOwner(e.failure())) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** Empty where it cannot be asked for now; who is to be left in peace is. */
    private static Optional<Single> ask(ContainerReader reader, Questions questions, Item item) {
        try {
            Single single = reader.single(item);
            questions.heardOf(item.id());
            return Optional.of(single);
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
        private final ContainerReader reader;
        private final Questions questions;
        private final Begun round;
        private final List<Item> there = new ArrayList<>();
        private final List<Item> gone = new ArrayList<>();
        private final Set<String> outside = new HashSet<>();
        private final Set<String> settled = new HashSet<>();

        private Found(ContainerReader reader, Questions questions, Begun round) {
            this.reader = reader;
            this.questions = questions;
            this.round = round;
        }

        private void take(Single single, Item item) {
            if (single instanceof Single.There found) {
                there.add(whole(found.item()));
            } else if (single instanceof Single.Gone) {
                gone.add(item);
            }
        }

        /** @return false where it is too early to tell */
        private boolean take(Single single, Item item, Awaited awaited) {
            if (single instanceof Single.Elsewhere elsewhere) {
                return hints.move(round.container(), elsewhere.path(), item.id());
            }
            if (single instanceof Single.There found) {
                return take(found.item(), awaited);
            }
            take(single, item);
            return true;
        }

        private boolean take(Item item, Awaited awaited) {
            if (doubts.ownMayBeAmong(round.container(), List.of(item))) {
                return false;
            }
            boolean isOutside = reader.isOutside(item);
            if (isOutside && !awaited.isKnown(item.id())) {
                // It is told once the window has come so near.
                return true;
            }
            there.add(whole(item));
            if (isOutside) {
                outside.add(item.id());
            }
            return true;
        }

        /** With what people wrote, where that is told. */
        private Item whole(Item item) {
            boolean without = !doubts.withoutContent(round.container(), round.carrier(), List.of(item))
                    .isEmpty();
            return without ? questions.askNow(item.id(), () -> reader.withContent(item), item) : item;
        }

        private Looked all() {
            return looked(Optional.empty());
        }

        private Looked until(GraphException end) {
            return looked(Optional.of(end));
        }

        private Looked looked(Optional<GraphException> end) {
            return new Looked(
                    new Rounds.Unseen(List.copyOf(gone), List.copyOf(there), Set.copyOf(outside)),
                    Set.copyOf(settled),
                    end);
        }
    }
}
