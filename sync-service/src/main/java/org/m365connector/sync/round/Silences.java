package org.m365connector.sync.round;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.m365connector.sync.round.Rounds.Begun;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.watch.Containers;
import org.m365connector.sync.watch.WatchKind;

/**
 * Counts, thing by thing, how often only a 404 that is nobody's was heard of it, so that one odd thing does not hold up its container for
 * ever. So many at a time: where a great many are answered so, that may be nobody's fault but a gateway's, and takes longer.
 */
@ApplicationScoped
class Silences implements PanacheRepositoryBase<Silence, Silence.Key> {
    private static final Logger LOG = Logger.getLogger(Silences.class);

    /** So many of a container are counted at a time. */
    private static final int MOST = 20;

    /** A count that nobody went on with for so long says nothing of today. */
    private static final Duration WORTH_SOMETHING = Duration.ofHours(1);

    /** What one more such answer means. */
    enum Meaning {
        /** It may be of this moment: the thing is to be asked for again. */
        OF_A_MOMENT,
        /** It is all that is ever heard of it. */
        GIVEN_UP,
        /** Nothing yet, others are counted. */
        NOT_ITS_TURN
    }

    private final Containers containers;
    private final RoundConfig config;
    private final MeterRegistry meters;
    private final Clock clock;

    Silences(Containers containers, RoundConfig config, MeterRegistry meters, Clock clock) {
        this.containers = containers;
        this.config = config;
        this.meters = meters;
        this.clock = clock;
    }

    /** Ids of the things that are counted. */
    @Transactional(TxType.REQUIRES_NEW)
    Set<String> of(Begun round) {
        return list("containerId", round.container().id()).stream()
                .map(silence -> silence.resourceId)
                .collect(Collectors.toSet());
    }

    /** One more such 404. */
    @Transactional(TxType.REQUIRES_NEW)
    Meaning once(Begun round, String id) {
        Container container = containers.owned(round.container().id(), round.owner());
        Instant now = clock.instant();
        delete("containerId = ?1 and countedAt < ?2", container.id(), now.minus(WORTH_SOMETHING));
        Silence silence = findById(new Silence.Key(container.id(), id));
        boolean counts = true;
        if (silence != null) {
            counts = silence.heard(now, config.goneApart());
        } else if (count("containerId = ?1 and looks < ?2", container.id(), config.goneLooks()) < MOST) {
            silence = Silence.of(container.id(), id, now);
            persist(silence);
        } else {
            return Meaning.NOT_ITS_TURN;
        }
        if (silence.looks >= config.goneLooks()) {
            LOG.logf(
                    counts && silence.looks == config.goneLooks() ? Logger.Level.WARN : Logger.Level.DEBUG,
                    "nothing but bare 404s is heard of a thing, what else Graph shows of it counts container=%s thing=%s",
                    container.path(),
                    id);
            meters.counter("m365.sync.silences", "kind", container.kind().word())
                    .increment();
            return Meaning.GIVEN_UP;
        }
        if (counts && container.kind().way() == WatchKind.Way.LIST) {
            // It may have shifted while it was read: what it lacks is to be missing from several.
            container.listOnceMore(now);
        }
        return Meaning.OF_A_MOMENT;
    }

    /** Something else was heard of it. */
    @Transactional(TxType.REQUIRES_NEW)
    void broken(Begun round, String id) {
        deleteById(new Silence.Key(round.container().id(), id));
    }
}
