package org.m365connector.sync.round;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.m365connector.sync.SyncProblem;
import org.m365connector.sync.change.ChangeLog;
import org.m365connector.sync.change.SyncProgress;
import org.m365connector.sync.graph.Acting;
import org.m365connector.sync.round.Rounds.Begun;
import org.m365connector.sync.subscription.Handover;
import org.m365connector.sync.watch.Absence;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.watch.Containers;
import org.m365connector.sync.watch.SubscriptionRecords;
import org.m365connector.sync.watch.Watch;
import org.m365connector.sync.watch.WatchParts;
import org.m365connector.sync.watch.Watches;

/**
 * The transactions of a container that Graph does not find any more. That it is gone is written down before the first of its
 * resources is told deleted, and each slice of these is a transaction that remembers them as such: whoever goes on tells the rest.
 */
@ApplicationScoped
class GoneContainers {
    private static final Logger LOG = Logger.getLogger(GoneContainers.class);

    /** So many deletions are one transaction. */
    private static final int SLICE = 100;

    private final Containers containers;
    private final Watches watches;
    private final WatchParts parts;
    private final ChangeLog changes;
    private final SyncProgress progress;
    private final OpenHints hints;
    private final SubscriptionRecords subscriptions;
    private final Handover handover;
    private final RoundConfig config;
    private final Clock clock;

    GoneContainers(
            Containers containers,
            Watches watches,
            WatchParts parts,
            ChangeLog changes,
            SyncProgress progress,
            OpenHints hints,
            SubscriptionRecords subscriptions,
            Handover handover,
            RoundConfig config,
            Clock clock) {
        this.containers = containers;
        this.watches = watches;
        this.parts = parts;
        this.changes = changes;
        this.progress = progress;
        this.hints = hints;
        this.subscriptions = subscriptions;
        this.handover = handover;
        this.config = config;
        this.clock = clock;
    }

    /**
     * Of a container that is only watched as a part of another one, and may not be looked at any more: that one finds out at once, and
     * tells its end in one event.
     *
     * @return false where somebody watches it by itself
     */
    @Transactional(TxType.REQUIRES_NEW)
    boolean isLeftToItsWhole(Begun round) {
        boolean only = watches.living(round.container().id()).stream().allMatch(Watch::isPart);
        if (only && round.container().attempts() == 0) {
            containers.wholesDue(round.container().id());
        }
        return only;
    }

    /** Graph says of it something else than that it is not there. */
    @Transactional(TxType.REQUIRES_NEW)
    void doubted(Begun round) {
        containers.owned(round.container().id(), round.owner()).absence().doubted();
    }

    /**
     * It was asked for, and is not there.
     *
     * @return whether it is gone: said so often enough, and to everybody who watches it
     */
    @Transactional(TxType.REQUIRES_NEW)
    boolean isGone(Begun round) {
        Container container = containers.owned(round.container().id(), round.owner());
        Absence absence = container.absence();
        if (absence.isGone()) {
            return true;
        }
        Instant now = clock.instant();
        int looks = absence.notFound(round.carrier().id(), now, config.goneApart(), container.lastRoundAt());
        boolean often = looks >= config.goneLooks();
        if (!often || !allHaveLooked(container)) {
            return false;
        }
        container.isGone(now);
        subscriptions.giveUp(container.id());
        hints.forget(container.id());
        LOG.infof("container is gone, what was in it is told deleted container=%s", container.path());
        return true;
    }

    /** One after the other carries a container that cannot be read ({@link Rounds#failed}), from some failures on. */
    private boolean allHaveLooked(Container container) {
        List<Watch> living = watches.living(container.id());
        Set<Acting> looked = living.stream()
                .filter(watch -> container.absence().lookedFor(watch.id()))
                .map(Watch::acting)
                .collect(Collectors.toSet());
        return living.stream().map(Watch::acting).allMatch(looked::contains);
    }

    /** Whether it still counts as gone: not if it has been read since, be it by a replica that knows nothing of this. */
    @Transactional(TxType.REQUIRES_NEW)
    boolean countsAsGone(Begun round) {
        Container container = containers.owned(round.container().id(), round.owner());
        if (container.absence().isGone() && !container.scanning()) {
            back(container);
        }
        return container.absence().isGone();
    }

    /** @return how many of its resources are gone with it now; 0 when there are no more */
    @Transactional(TxType.REQUIRES_NEW)
    int tellSlice(Begun round) {
        Container container = containers.owned(round.container().id(), round.owner());
        if (!container.absence().isGone()) {
            return 0;
        }
        List<String> gone = changes.applyEnd(container, round.carrier(), SLICE);
        if (container.kind().part().isPresent()) {
            parts.gone(container, gone);
        }
        return gone.size();
    }

    /** All is told. It may come back: whoever watches it looks now and then, one after the other. */
    @Transactional(TxType.REQUIRES_NEW)
    void rest(Begun round) {
        Container container = containers.owned(round.container().id(), round.owner());
        progress.over(container);
        // Whoever has come meanwhile is not kept waiting.
        Instant again = container.hints() > round.hints()
                ? clock.instant()
                : clock.instant().plus(config.goneAgain());
        container.roundFailed(SyncProblem.CONTAINER_GONE.slug(), again, false);
        if (round.container().absence().isGone()) {
            // Not at first: who has the subscription is to give it up.
            handover.fromOneWithoutAccess(container, again);
        }
    }

    /** It shows what is in it. */
    @Transactional(TxType.REQUIRES_NEW)
    void back(Begun round) {
        Container container = containers.owned(round.container().id(), round.owner());
        if (container.absence().isGone()) {
            back(container);
        } else {
            container.absence().doubted();
        }
    }

    private void back(Container container) {
        LOG.infof("container is back container=%s", container.path());
        container.isBack(clock.instant());
        containers.flush();
        subscriptions.add(container.id());
    }
}
