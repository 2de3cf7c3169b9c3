package org.m365connector.sync.round;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.sync.change.ChangeLog;
import org.m365connector.sync.entitlement.Entitlements;
import org.m365connector.sync.graph.GraphFailure;
import org.m365connector.sync.subscription.Handover;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.watch.Containers;
import org.m365connector.sync.watch.SubscriptionViews;
import org.m365connector.sync.watch.Watch;
import org.m365connector.sync.watch.WatchKind;
import org.m365connector.sync.watch.WatchView;
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
    private final ChangeLog changes;
    private final Handover handover;
    private final SubscriptionViews subscriptions;
    private final MeterRegistry meters;
    private final Entitlements entitlements;
    private final Leases leases;
    private final RoundConfig config;
    private final Clock clock;
    private final Backoff backoff;
    private final Backoff apart;

    Rounds(
            Containers containers,
            Watches watches,
            ChangeLog changes,
            Handover handover,
            SubscriptionViews subscriptions,
            MeterRegistry meters,
            Entitlements entitlements,
            Leases leases,
            RoundConfig config,
            Clock clock) {
        this.containers = containers;
        this.watches = watches;
        this.changes = changes;
        this.handover = handover;
        this.subscriptions = subscriptions;
        this.meters = meters;
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

    /** @return how many events were written */
    @Transactional(TxType.REQUIRES_NEW)
    int apply(Begun round, DeltaPage page, Map<String, Boolean> there, int toldBefore) {
        Container container = containers.owned(round.container().id(), round.owner());
        Watch carrier = round.carrier();
        int told = changes.apply(container, carrier, page.items(), there);
        if (page.nextLink().isPresent()) {
            container.pageDone(page.nextLink().get());
            return told;
        }
        if (container.scanning() && !container.baseline()) {
            told += changes.applyAbsence(container, carrier);
        }
        noteMisses(round, toldBefore + told);
        Instant now = clock.instant();
        container.roundDone(
                page.deltaLink().orElseThrow(),
                round.hints(),
                now,
                nextRound(container, round, toldBefore + told, now));
        LOG.debugf("round done container=%s told=%d", container.path(), toldBefore + told);
        return told;
    }

    /** What only the timer has found, although Graph has a subscription, it should have told; a few may still be on their way. */
    private void noteMisses(Begun round, int told) {
        Container before = round.container();
        boolean byTimer = !round.hinted() && before.followUps() == 0 && !before.scanning();
        if (told == 0 || !byTimer) {
            return;
        }
        boolean subscribed = subscriptions
                .of(before.id())
                .flatMap(WatchView.SubscriptionView::id)
                .isPresent();
        if (subscribed) {
            meters.counter("m365.sync.misses", "kind", before.kind().word()).increment(told);
            LOG.infof("changes were found that Graph had not told container=%s count=%d", before.path(), told);
        }
    }

    private Instant nextRound(Container container, Begun round, int told, Instant now) {
        if (container.hints() > round.hints()) {
            return now;
        }
        int number = followUp(round.hinted(), container.followUps(), told, config.followUps());
        container.followUps(number);
        return number == 0
                ? now.plus(interval(container.kind()))
                : now.plus(new Backoff(config.followUp(), config.longestBackoff()).after(number));
    }

    /**
     * Which look after a notification comes next. It may have been faster than the delta, and what a round has told may be of
     * another notification: so there is one more look at least, and further ones while nothing shows.
     *
     * @param before how many there were already
     * @param most how many there may be
     * @return 0 for none
     */
    static int followUp(boolean hinted, int before, int told, int most) {
        boolean first = hinted && before == 0;
        boolean further = before > 0 && told == 0;
        return (first || further) && before < most ? before + 1 : 0;
    }

    private Duration interval(WatchKind kind) {
        return switch (kind) {
            case MAIL_FOLDER -> config.mailInterval();
            case CHANNEL -> config.teamsInterval();
        };
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
    void failed(Begun round, GraphFailure failure) {
        Container container = containers.owned(round.container().id(), round.owner());
        int failures = container.attempts() + 1;
        Duration pause = failure.retryAfter()
                .map(asked -> asked.plus(apart.apart(failures)))
                .orElseGet(() -> backoff.after(failures));
        Instant again = clock.instant().plus(pause);
        container.roundFailed(failure.words(), again, failure.throttled());
        if (failure.accessLost() && failures >= HANDOVER_AFTER) {
            handover.fromOneWithoutAccess(container, again);
        }
        LOG.infof("round failed container=%s problem=%s", container.path(), failure.words());
    }
}
