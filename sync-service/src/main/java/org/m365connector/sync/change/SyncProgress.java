package org.m365connector.sync.change;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.m365connector.events.Event;
import org.m365connector.events.Topics;
import org.m365connector.events.WatchProgressed;
import org.m365connector.outbox.Outbox;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.watch.Sync;
import org.m365connector.sync.watch.SyncNews;
import org.m365connector.sync.watch.Watch;
import org.m365connector.sync.watch.Watches;

/**
 * Tells a container's watches how far its sync has got: after the changes that were found so far, in the transaction in which the round
 * notes that it has got there. So whatever is killed when, counts never go back, and the end is told once.
 */
@ApplicationScoped
public class SyncProgress implements SyncNews {
    private final Watches watches;
    private final Outbox outbox;
    private final ChangeConfig config;
    private final Clock clock;

    SyncProgress(Watches watches, Outbox outbox, ChangeConfig config, Clock clock) {
        this.watches = watches;
        this.outbox = outbox;
        this.config = config;
        this.clock = clock;
    }

    /**
     * A page has been applied, and there are more.
     *
     * @param container locked, as below
     */
    @Transactional(TxType.MANDATORY)
    public void page(Container container, int items) {
        if (container.sync().isRunning()) {
            container.sync().page(items);
            tellNowAndThen(container);
        }
    }

    /** What no page has shown was asked for, and there is more of it. */
    @Transactional(TxType.MANDATORY)
    public void askedFor(Container container, int things) {
        if (container.sync().isRunning()) {
            container.sync().askedFor(things);
            tellNowAndThen(container);
        }
    }

    /** The last page has been applied, and what was asked for at last. */
    @Transactional(TxType.MANDATORY)
    public void lastPage(Container container, int items, int things) {
        Sync sync = container.sync();
        if (sync.isRunning()) {
            sync.page(items);
            sync.askedFor(things);
            sync.end(clock.instant());
            tellAll(container);
        }
    }

    /** Nothing more comes of it: the container is gone. */
    @Transactional(TxType.MANDATORY)
    public void over(Container container) {
        if (container.sync().isRunning()) {
            container.sync().end(clock.instant());
            tellAll(container);
        }
    }

    @Override
    @Transactional(TxType.MANDATORY)
    public void joined(Container container, Watch watch) {
        if (!container.sync().isRunning()) {
            tell(container, watch, clock.instant());
        }
    }

    private void tellNowAndThen(Container container) {
        if (container.sync().isToBeTold(config.progressEvery(), clock.instant())) {
            tellAll(container);
        }
    }

    private void tellAll(Container container) {
        Instant now = clock.instant();
        container.sync().told(now);
        watches.living(container.id()).forEach(watch -> tell(container, watch, now));
    }

    private void tell(Container container, Watch watch, Instant now) {
        WatchProgressed progress = progress(container, watch);
        outbox.add(
                Topics.changes(container.portal()),
                container.path(),
                new Event<>(
                        ChangeIds.of(container.portal(), progress),
                        URI.create("/m365/" + container.portal() + "/" + watch.registration()),
                        WatchProgressed.TYPE,
                        Optional.of(container.path()),
                        now,
                        Map.of(Event.REGISTRATION, watch.registration().value()),
                        progress));
    }

    private static WatchProgressed progress(Container container, Watch watch) {
        Sync sync = container.sync();
        return new WatchProgressed(
                watch.toldAs(),
                container.path(),
                sync.first() ? WatchProgressed.Sync.FIRST : WatchProgressed.Sync.FULL,
                sync.begunAt(),
                sync.pages(),
                sync.items(),
                !sync.isRunning());
    }
}
