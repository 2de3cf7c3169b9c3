package org.m365connector.sync.round;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.m365connector.sync.change.Doubts;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.change.Occurrences;
import org.m365connector.sync.graph.GraphAccess;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.graph.GraphFailure;
import org.m365connector.sync.round.Rounds.Begun;
import org.m365connector.sync.work.LeaseLostException;
import org.m365connector.sync.work.Unforeseen;

/** Makes one round, page by page. No transaction is open while Graph is asked. */
@ApplicationScoped
class RoundRunner {
    private static final Logger LOG = Logger.getLogger(RoundRunner.class);

    /** Messages of ours that are being posted hold a round up so often at most. */
    private static final int LOOKS_AGAIN = 5;

    /** After so many answers about single things they are written down, so that whoever goes on with the round goes on there. */
    private static final int ASKED_AT_ONCE = 50;

    private final Rounds rounds;
    private final Departure departure;
    private final OpenHints hints;
    private final SingleLooks looks;
    private final Silences silences;
    private final ThrottledMailboxes throttled;
    private final Doubts doubts;
    private final Occurrences occurrences;
    private final GraphAccess graph;
    private final RoundConfig config;
    private final Clock clock;
    private final MeterRegistry meters;

    RoundRunner(
            Rounds rounds,
            Departure departure,
            OpenHints hints,
            SingleLooks looks,
            Silences silences,
            ThrottledMailboxes throttled,
            Doubts doubts,
            Occurrences occurrences,
            GraphAccess graph,
            RoundConfig config,
            Clock clock,
            MeterRegistry meters) {
        this.rounds = rounds;
        this.departure = departure;
        this.hints = hints;
        this.looks = looks;
        this.silences = silences;
        this.throttled = throttled;
        this.doubts = doubts;
        this.occurrences = occurrences;
        this.graph = graph;
        this.config = config;
        this.clock = clock;
        this.meters = meters;
    }

    void run(Begun round) {
        String end;
        try {
            end = readOrLeaveInPeace(round);
        } catch (LeaseLostException e) {
            end = "overtaken";
            LOG.infof(
                    "round was taken over by another worker container=%s",
                    round.container().path());
        }
        meters.counter("m365.sync.rounds", "kind", round.container().kind().word(), "end", end)
                .increment();
    }

    private String readOrLeaveInPeace(Begun round) {
        ThrottledMailboxes.Pass pass =
                throttled.enter(round.container().portal(), round.container().path());
        if (pass.insteadAt().isPresent()) {
            rounds.leaveInPeace(round, pass.insteadAt().get());
            return "left-in-peace";
        }
        String end = "";
        try {
            end = readOrFail(round);
            return end;
        } finally {
            throttled.leave(pass, end.equals("done"));
        }
    }

    private String readOrFail(Begun round) {
        try {
            read(round);
            return "done";
        } catch (GraphException e) {
            return failed(round, e.failure());
        } catch (LeaseLostException e) {
            throw e;
        } catch (RuntimeException e) {
            return unforeseen(round, e);
        }
    }

    private String failed(Begun round, GraphFailure failure) {
        try {
            if (departure.settles(round, failure)) {
                return "gone";
            }
            rounds.failed(round, failure);
        } catch (GraphException e) {
            rounds.failed(round, e.failure());
        } catch (LeaseLostException e) {
            throw e;
        } catch (RuntimeException e) {
            return unforeseen(round, e);
        }
        return "failed";
    }

    private String unforeseen(Begun round, RuntimeException what) {
        boolean again = round.container().problem().equals(Optional.of(Unforeseen.WORDS));
        Unforeseen.note(LOG, what, "round of container=" + round.container().path(), again);
        rounds.failed(round, new GraphFailure.Unforeseen());
        return "unforeseen";
    }

    private void read(Begun round) {
        Questions questions = Questions.of(round, silences);
        ContainerReader reader = ContainerReader.of(
                round.container(),
                round.carrier(),
                graph.as(round.carrier().acting()),
                config,
                clock.instant(),
                questions);
        Optional<String> link = round.container().link();
        boolean scanning = round.container().scanning() && !round.container().baseline();
        if (link.filter(there -> !round.container().scanning() && reader.outgrown(there))
                .isPresent()) {
            rounds.moveWindow(round);
            scanning = true;
            link = Optional.empty();
        }
        Awaited awaited = hints.awaited(round);
        boolean last = false;
        int told = 0;
        while (!last) {
            DeltaPage page;
            try {
                page = reader.read(link);
            } catch (GraphException e) {
                if (link.isPresent()
                        && e.failure() instanceof GraphFailure.Refused refused
                        && refused.syncStateLost()) {
                    rounds.scanAgain(round);
                    scanning = true;
                    link = Optional.empty();
                    continue;
                }
                throw e;
            }
            departure.shown(round);
            if (round.container().attempts() < LOOKS_AGAIN && doubts.ownMayBeAmong(round.container(), page.items())) {
                rounds.waitForOwn(round);
                return;
            }
            awaited.shown(page.items());
            List<Item> undecided = doubts.undecided(round.container(), page.items());
            if (!undecided.isEmpty()) {
                SingleLooks.Looked looked = looks.at(undecided, reader, questions, round);
                told += counted(round, rounds.applyUnseen(round, looked.found()));
                looked.orThrow();
                page = page.without(looked.found());
            }
            page = withContent(reader, questions, round, page);
            last = page.deltaLink().isPresent();
            Rounds.Unseen unseen = Rounds.Unseen.NOTHING;
            if (last) {
                List<Item> lacking = lacking(round, page, scanning);
                while (lacking.size() > ASKED_AT_ONCE) {
                    Rounds.Unseen some = askFor(reader, questions, round, lacking.subList(0, ASKED_AT_ONCE));
                    told += counted(round, rounds.applyUnseen(round, some));
                    lacking = lacking.subList(ASKED_AT_ONCE, lacking.size());
                }
                unseen = lookFor(awaited, askFor(reader, questions, round, lacking), reader, questions, round);
            }
            Map<String, Boolean> there = confirm(reader, questions, round, page);
            told += counted(round, rounds.apply(round, page, there, unseen, awaited, told));
            link = page.nextLink();
        }
    }

    /** At once, since what is told stays so when the round breaks off. */
    private int counted(Begun round, int told) {
        meters.counter("m365.sync.changes", "kind", round.container().kind().word())
                .increment(told);
        return told;
    }

    /** What people wrote is asked for singly, of what will be told only. */
    private DeltaPage withContent(ContainerReader reader, Questions questions, Begun round, DeltaPage page) {
        Map<String, Item> whole = new HashMap<>();
        for (Item item : doubts.withoutContent(round.container(), round.carrier(), page.items())) {
            questions
                    .ask(item.id(), () -> reader.withContent(item), item)
                    .ifPresent(with -> whole.put(item.id(), with));
        }
        questions.orThrow();
        return page.with(page.items().stream()
                .map(item -> item.removed() ? item : whole.getOrDefault(item.id(), item))
                .toList());
    }

    /**
     * What has a delta is shown whole by a full scan; a list may shift while it is read, so that what it lacks is asked for. A series
     * is shown whole whenever something in it has changed.
     */
    private List<Item> lacking(Begun round, DeltaPage page, boolean scanning) {
        return scanning
                ? doubts.unseen(round.container().id(), page.items())
                : occurrences.missing(round.container(), page.items());
    }

    /** Where that breaks off, what was answered is kept. */
    private Rounds.Unseen askFor(ContainerReader reader, Questions questions, Begun round, List<Item> lacking) {
        List<Item> gone = new ArrayList<>();
        List<Item> there = new ArrayList<>();
        Set<String> outside = new HashSet<>();
        try {
            for (Item item : lacking) {
                questions
                        .ask(item.id(), () -> reader.missed(item), Optional.<Item>empty())
                        .ifPresent(missed -> missed.ifPresentOrElse(there::add, () -> gone.add(item)));
                if (reader.isOutside(item)) {
                    outside.add(item.id());
                }
            }
            questions.orThrow();
        } catch (GraphException e) {
            counted(round, rounds.applyUnseen(round, new Rounds.Unseen(gone, there, outside)));
            throw e;
        }
        return new Rounds.Unseen(gone, there, outside);
    }

    /** The same, with what was asked for before. */
    private Rounds.Unseen lookFor(
            Awaited awaited, Rounds.Unseen before, ContainerReader reader, Questions questions, Begun round) {
        SingleLooks.Looked looked = looks.at(awaited, reader, questions, round);
        Rounds.Unseen unseen = before.and(looked.found());
        if (looked.end().isPresent()) {
            counted(round, rounds.applyLooks(round, unseen, looked.settled()));
        }
        looked.orThrow();
        looked.settled().forEach(awaited::answered);
        return unseen;
    }

    /** Of what nothing is ever heard the page is right, and what was told already. */
    private Map<String, Boolean> confirm(ContainerReader reader, Questions questions, Begun round, DeltaPage page) {
        Map<String, Boolean> there = new HashMap<>();
        // What comes back with its container is shown by a scan that has just begun, and can be no replay.
        boolean back = round.container().absence().isGone();
        for (Item item : doubts.doubtful(round.container(), page.items())) {
            if (back && !item.removed()) {
                there.put(item.id(), true);
            } else {
                questions
                        .ask(item.id(), () -> reader.isThere(item), !item.removed())
                        .ifPresent(found -> there.put(item.id(), found));
            }
        }
        if (page.deltaLink().isPresent()) {
            for (Item item : doubts.unproven(round.container(), page.items())) {
                questions
                        .ask(item.id(), () -> reader.isThere(item), true)
                        .ifPresent(found -> there.put(item.id(), found));
            }
        }
        questions.orThrow();
        return there;
    }
}
