package org.m365connector.sync.round;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.sync.change.ChangeLog;
import org.m365connector.sync.change.Item;
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

    private final Rounds rounds;
    private final ChangeLog changes;
    private final GraphAccess graph;
    private final RoundConfig config;
    private final MeterRegistry meters;

    RoundRunner(Rounds rounds, ChangeLog changes, GraphAccess graph, RoundConfig config, MeterRegistry meters) {
        this.rounds = rounds;
        this.changes = changes;
        this.graph = graph;
        this.config = config;
        this.meters = meters;
    }

    void run(Begun round) {
        String end;
        try {
            end = readOrFail(round);
        } catch (LeaseLostException e) {
            end = "overtaken";
            LOG.infof(
                    "round was taken over by another worker container=%s",
                    round.container().path());
        }
        meters.counter("m365.sync.rounds", "kind", round.container().kind().word(), "end", end)
                .increment();
    }

    private String readOrFail(Begun round) {
        try {
            read(round);
            return "done";
        } catch (GraphException e) {
            rounds.failed(round, e.failure());
            return "failed";
        } catch (LeaseLostException e) {
            throw e;
        } catch (RuntimeException e) {
            boolean again = round.container().problem().equals(Optional.of(Unforeseen.WORDS));
            Unforeseen.note(LOG, e, "round of container=" + round.container().path(), again);
            rounds.failed(round, new GraphFailure.Unforeseen());
            return "unforeseen";
        }
    }

    private void read(Begun round) {
        ContainerReader reader =
                ContainerReader.of(round.container(), graph.as(round.carrier().acting()), config.pageSize());
        Optional<String> link = round.container().link();
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
                    link = Optional.empty();
                    continue;
                }
                throw e;
            }
            if (round.container().attempts() < LOOKS_AGAIN && changes.ownMayBeAmong(round.container(), page.items())) {
                rounds.waitForOwn(round);
                return;
            }
            told += rounds.apply(round, page, confirm(reader, round, page), told);
            link = page.nextLink();
            last = page.deltaLink().isPresent();
        }
        meters.counter("m365.sync.changes", "kind", round.container().kind().word())
                .increment(told);
    }

    private Map<String, Boolean> confirm(ContainerReader reader, Begun round, DeltaPage page) {
        Map<String, Boolean> there = new HashMap<>();
        for (Item item : changes.doubtful(round.container(), page.items())) {
            there.put(item.id(), reader.isThere(item));
        }
        return there;
    }
}
