package org.m365connector.sync.round;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.m365connector.sync.change.ChangeLog;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.change.SyncProgress;
import org.m365connector.sync.entitlement.Entitlements;
import org.m365connector.sync.graph.GraphFailure;
import org.m365connector.sync.subscription.Handover;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.watch.Containers;
import org.m365connector.sync.watch.Watch;
import org.m365connector.sync.watch.WatchKind;
import org.m365connector.sync.watch.WatchParts;
import org.m365connector.sync.watch.Watches;
import org.m365connector.sync.work.Backoff;
import org.m365connector.sync.work.Leases;

/**
 * The transactions of a round. A page's changes, what is known of its resources, and the link to go on with are one
 * transaction: whatever is killed when, the round goes on behind the last page that the portal has been told.
 */
@ApplicationScoped
class Rounds {
    private static final Logger LOG = Logger.getLogger(Rounds.class);

    private static final Duration LONGEST_APART = Duration.ofSeconds(8);

    /** So many failed rounds are no hiccup, and no news that is still on its way. */
    private static final int HANDOVER_AFTER = 3;

    private static final int PASSED_AT_ONCE = 50;

    private final Containers containers;
    private final Watches watches;
    private final WatchParts parts;
    private final ChangeLog changes;
    private final SyncProgress progress;
    private final NextRound next;
    private final OpenHints hints;
    private final Handover handover;
    private final ThrottledMailboxes throttled;
    private final Entitlements entitlements;
    private final Leases leases;
    private final RoundConfig config;
    private final Clock clock;
    private final Backoff backoff;
    private final Backoff apart;

    Rounds(
            Containers containers,
            Watches watches,
            WatchParts parts,
            ChangeLog changes,
            SyncProgress progress,
            NextRound next,
            OpenHints hints,
            Handover handover,
            ThrottledMailboxes throttled,
            Entitlements entitlements,
            Leases leases,
            RoundConfig config,
            Clock clock) {
        this.containers = containers;
        this.watches = watches;
        this.parts = parts;
        this.changes = changes;
        this.progress = progress;
        this.next = next;
        this.hints = hints;
        this.handover = handover;
        this.throttled = throttled;
        this.entitlements = entitlements;
        this.leases = leases;
        this.config = config;
        this.clock = clock;
        this.backoff = new Backoff(config.firstBackoff(), config.longestBackoff());
        this.apart = new Backoff(config.firstBackoff(), LONGEST_APART);
    }

    /**
     * A round that has begun.
     *
     * @param hints how many notifications had come by then; later ones make another round necessary
     * @param hinted whether one of them asked for this round
     */
    record Begun(String owner, Container container, Watch carrier, long hints, boolean hinted) {}

    /**
     * Of what the round that ends with this page should have shown and has not.
     *
     * @param gone it is not there any more
     * @param there it is, and so
     * @param outside ids of those of the latter that lie outside of what a full scan shows
     */
    record Unseen(List<Item> gone, List<Item> there, Set<String> outside) {
        static final Unseen NOTHING = new Unseen(List.of(), List.of(), Set.of());

        int size() {
            return gone.size() + there.size();
        }

        Unseen and(Unseen more) {
            return new Unseen(join(gone, more.gone), join(there, more.there), Set.copyOf(join(outside, more.outside)));
        }

        private static <T> List<T> join(Collection<T> some, Collection<T> more) {
            return Stream.concat(some.stream(), more.stream()).distinct().toList();
        }
    }

    @Transactional(TxType.REQUIRES_NEW)
    Optional<Begun> claim() {
        String owner = leases.newOwner();
        return claimServed(owner).flatMap(container -> {
            Optional<Watch> carrier = watches.carrierOf(container);
            if (carrier.isEmpty()) {
                container.roundFailed("no watch carries it", clock.instant().plus(config.longestBackoff()), false);
                handover.fromOneWithoutAccess(container, clock.instant());
            }
            return carrier.map(
                    watch -> new Begun(owner, container, watch, container.hints(), container.hasUnservedHints()));
        });
    }

    /** Of a portal that is not entitled nothing is claimed, and it does not hold up the others. */
    private Optional<Container> claimServed(String owner) {
        // Not for ever: the database may be ahead of our clock.
        for (int passed = 0; passed < PASSED_AT_ONCE; passed++) {
            Optional<Container> claimed = containers.claim(owner, config.lease().toMillis());
            if (claimed.isEmpty() || isServed(claimed.get())) {
                return claimed;
            }
            Instant again = clock.instant().plus(Entitlements.LOOK_AGAIN);
            claimed.get().postponed(Entitlements.REFUSED, again);
            containers.postpone(claimed.get().portal(), claimed.get().kind(), Entitlements.REFUSED, again);
        }
        return Optional.empty();
    }

    private boolean isServed(Container container) {
        return entitlements.allow(container.portal(), container.kind().feature());
    }

    /** A container whose notifications carry content. */
    record Listening(Container container, Watch carrier) {}

    /** Empty where nobody wants the content of this mark's notifications. */
    @Transactional(TxType.REQUIRES_NEW)
    Optional<Listening> listening(String mark) {
        return containers.ofMark(mark).map(containers::findById).flatMap(container -> watches.carrierOf(container)
                .filter(carrier -> watches.living(container.id()).stream().anyMatch(Watch::rich))
                .map(carrier -> new Listening(container, carrier)));
    }

    /**
     * Tells what a notification's content shows. Not while a round reads, since nobody could say which of the two has seen more; not
     * before the first round is over, nor while everything is compared.
     *
     * @return false where a round must find out
     */
    @Transactional(TxType.REQUIRES_NEW)
    boolean applyEarly(Listening listening, Item item) {
        Container container = containers.locked(listening.container().id());
        boolean quiet = container != null && !container.isBeingRead() && !container.baseline() && !container.scanning();
        boolean told = quiet
                && isServed(container)
                && container.carrier().equals(listening.carrier().id())
                && changes.applyEarly(container, listening.carrier(), item);
        if (told) {
            hints.told(container, item);
        }
        return told;
    }

    @Transactional(TxType.REQUIRES_NEW)
    void dueNow(String mark) {
        containers.ofMark(mark).ifPresent(containers::due);
    }

    /**
     * A part of what is unseen, before the last page: whoever goes on need not ask for it again.
     *
     * @return how many events were written
     */
    @Transactional(TxType.REQUIRES_NEW)
    int applyUnseen(Begun round, Unseen unseen) {
        Container container = containers.owned(round.container().id(), round.owner());
        int told = apply(container, round.carrier(), unseen);
        progress.askedFor(container, unseen.size());
        return told;
    }

    /**
     * Looks were broken off: what they have brought so far is told, and not looked for again.
     *
     * @param settled ids of what notifications have named and these looks have answered
     * @return how many events were written
     */
    @Transactional(TxType.REQUIRES_NEW)
    int applyLooks(Begun round, Unseen unseen, Set<String> settled) {
        Container container = containers.owned(round.container().id(), round.owner());
        int told = apply(container, round.carrier(), unseen);
        progress.askedFor(container, unseen.size());
        hints.settle(round, settled);
        return told;
    }

    private int apply(Container container, Watch carrier, Unseen unseen) {
        int told = changes.applyMissed(container, carrier, unseen.there(), unseen.outside());
        if (container.kind().part().isPresent() && !unseen.gone().isEmpty()) {
            parts.gone(container, unseen.gone().stream().map(Item::id).toList());
        }
        return told + changes.applyAbsence(container, carrier, unseen.gone());
    }

    /** @return how many events were written */
    @Transactional(TxType.REQUIRES_NEW)
    int apply(Begun round, DeltaPage page, Map<String, Boolean> there, Unseen unseen, Awaited awaited, int toldBefore) {
        Container container = containers.owned(round.container().id(), round.owner());
        Watch carrier = round.carrier();
        int told = changes.apply(container, carrier, page.items(), there);
        if (container.kind().part().isPresent()) {
            parts.follow(container, ids(page.items(), false), ids(page.items(), true), page.touched());
        }
        if (page.nextLink().isPresent()) {
            container.pageDone(page.nextLink().get());
            progress.page(container, page.items().size());
            return told;
        }
        told += apply(container, carrier, unseen);
        told += changes.prove(container, carrier, there);
        next.judge(round, container, toldBefore + told);
        Instant now = clock.instant();
        container.roundDone(
                page.deltaLink().orElseThrow(),
                round.hints(),
                now,
                next.after(round, container, toldBefore + told, now));
        progress.lastPage(container, page.items().size(), unseen.size());
        if (container.kind().way() == WatchKind.Way.LIST) {
            container.listAgain();
        }
        hints.settle(round, container, awaited);
        LOG.debugf("round done container=%s told=%d", container.path(), toldBefore + told);
        return told;
    }

    private static List<String> ids(List<Item> items, boolean removed) {
        return items.stream()
                .filter(item -> item.removed() == removed)
                .map(Item::id)
                .toList();
    }

    /** Graph knows the delta link still, but its window is to move on. */
    @Transactional(TxType.REQUIRES_NEW)
    void moveWindow(Begun round) {
        containers.owned(round.container().id(), round.owner()).moveWindow(clock.instant());
        LOG.debugf("window moves on container=%s", round.container().path());
    }

    @Transactional(TxType.REQUIRES_NEW)
    void scanAgain(Begun round) {
        containers.owned(round.container().id(), round.owner()).scanAgain(clock.instant());
        LOG.infof("delta link lost, full scan container=%s", round.container().path());
    }

    /** In a moment it is known which of the messages are of our actions. */
    @Transactional(TxType.REQUIRES_NEW)
    void waitForOwn(Begun round) {
        containers
                .owned(round.container().id(), round.owner())
                .roundPutOff(clock.instant().plus(config.firstBackoff()));
    }

    @Transactional(TxType.REQUIRES_NEW)
    void leaveInPeace(Begun round, Instant until) {
        containers.owned(round.container().id(), round.owner()).leftInPeace(until);
    }

    @Transactional(TxType.REQUIRES_NEW)
    void failed(Begun round, GraphFailure failure) {
        Container container = containers.owned(round.container().id(), round.owner());
        int failures = container.attempts() + 1;
        Duration pause = failure.retryAfter()
                .map(asked -> asked.plus(apart.apart(failures)))
                .orElseGet(() -> backoff.after(failures));
        Instant now = clock.instant();
        Instant again = now.plus(pause);
        container.roundFailed(failure.words(), again, failure.throttled());
        if (failure.throttled()) {
            throttled.refused(
                    container.portal(),
                    container.path(),
                    now.plus(failure.retryAfter().orElse(pause)));
        }
        if (failure.accessLost() && failures >= HANDOVER_AFTER) {
            handover.fromOneWithoutAccess(container, again);
        }
        LOG.infof("round failed container=%s problem=%s", container.path(), failure.words());
    }
}
