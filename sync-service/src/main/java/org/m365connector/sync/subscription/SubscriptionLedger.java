package org.m365connector.sync.subscription;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;
import org.m365connector.sync.entitlement.Entitlements;
import org.m365connector.sync.graph.GraphAccess;
import org.m365connector.sync.graph.GraphFailure;
import org.m365connector.sync.graph.Neighbours;
import org.m365connector.sync.rich.NotificationKeys;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.watch.Containers;
import org.m365connector.sync.watch.PollingConfig;
import org.m365connector.sync.watch.SubscriptionRecords;
import org.m365connector.sync.watch.SubscriptionViews;
import org.m365connector.sync.watch.Watch;
import org.m365connector.sync.watch.WatchView;
import org.m365connector.sync.watch.Watches;
import org.m365connector.sync.work.Backoff;
import org.m365connector.sync.work.Leases;

/** Every change of a subscription's record, each one transaction. The record comes before the call, so a crash loses none. */
@ApplicationScoped
public class SubscriptionLedger implements SubscriptionViews, SubscriptionRecords {
    private static final Logger LOG = Logger.getLogger(SubscriptionLedger.class);
    /**
     * Somebody else has the only one that Graph allows: another portal's container, whose notifications are for this one too; or
     * another installation that shares the app, or one of our own that nobody knows any more, and then nothing is heard here.
     */
    static final String CONTESTED = "subscription-contested";

    private static final Duration CONTESTED_PAUSE = Duration.ofMinutes(5);

    /** Each takes three calls of a worker that has other things to do as well. */
    private static final Duration FOLLOWING_APART = Duration.ofMillis(500);

    private static final int PASSED_AT_ONCE = 50;

    private final Subscriptions subscriptions;
    private final Containers containers;
    private final Watches watches;
    private final Neighbours neighbours;
    private final Entitlements entitlements;
    private final Leases leases;
    private final SubscriptionConfig config;
    private final PollingConfig polling;
    private final Clock clock;
    private final Backoff backoff;

    SubscriptionLedger(
            Subscriptions subscriptions,
            Containers containers,
            Watches watches,
            Neighbours neighbours,
            Entitlements entitlements,
            Leases leases,
            SubscriptionConfig config,
            PollingConfig polling,
            Clock clock) {
        this.subscriptions = subscriptions;
        this.containers = containers;
        this.watches = watches;
        this.neighbours = neighbours;
        this.entitlements = entitlements;
        this.leases = leases;
        this.config = config;
        this.polling = polling;
        this.clock = clock;
        this.backoff = new Backoff(config.firstBackoff(), config.longestBackoff());
    }

    /** What a worker needs to know of a subscription that it has claimed. */
    record Claimed(
            String owner,
            Container container,
            Watch carrier,
            String watchId,
            Optional<String> graphId,
            boolean posted,
            int lifeMinutes,
            boolean rich,
            boolean richWanted,
            boolean replacing,
            boolean ofAnother,
            boolean elsewhere,
            Optional<String> certificateId,
            Optional<String> problem) {

        /** Content cannot be asked for, or done without, later on: another subscription is needed. */
        boolean mustBeReplaced() {
            return replacing || ofAnother || rich != richWanted;
        }
    }

    @Override
    @Transactional(TxType.MANDATORY)
    public void add(long containerId) {
        if (wanted()) {
            subscriptions.add(containerId, config);
        }
    }

    @Override
    @Transactional(TxType.MANDATORY)
    public void giveUp(long containerId) {
        subscriptions.dueNow(containerId);
    }

    /** Deleted at Graph, since its container is gone; made anew where that is back by now. */
    @Transactional(TxType.REQUIRES_NEW)
    void givenUp(Claimed claimed) {
        // The container's lock before the subscription's, as everywhere.
        Container container = containers.locked(claimed.container().id());
        KeptSubscription subscription = subscriptions.owned(claimed.container().id(), claimed.owner());
        if (container.absence().isGone()) {
            subscriptions.delete(subscription);
            LOG.infof("subscription given up, its container is gone container=%s", container.path());
        } else {
            gone(claimed, container, subscription);
        }
    }

    /** Containers of a time when Graph could not reach us, or that an older version of this service has made. */
    @Transactional(TxType.REQUIRES_NEW)
    void addMissing() {
        int added = subscriptions.addMissing(config);
        if (added > 0) {
            LOG.infof("containers without a subscription were found count=%d", added);
        }
    }

    /**
     * Those that report to where our door was before are due soon, one after the other; and those of which that is not known, which a
     * renewal tells.
     */
    @Transactional(TxType.REQUIRES_NEW)
    void followDoor() {
        int due = subscriptions.followDoor(door(), FOLLOWING_APART);
        if (due > 0) {
            LOG.infof("subscriptions are brought to the present public address count=%d", due);
        }
    }

    private String door() {
        return GraphSubscriptions.notificationUrl(
                neighbours.publicNotificationUrl().orElseThrow());
    }

    @Transactional(TxType.REQUIRES_NEW)
    Optional<Claimed> claim() {
        String owner = leases.newOwner();
        return claimServed(owner).flatMap(claimed -> {
            Container container = containers.findById(claimed.containerId);
            Optional<Watch> carrier = watches.carrierOf(container);
            if (carrier.isEmpty()) {
                claimed.failed("no watch carries it", clock.instant().plus(config.longestBackoff()));
            }
            // Nobody else can see or delete what somebody has made.
            Optional<Watch> maker = claimed.graphId()
                    .flatMap(id -> watches.findByIdOptional(claimed.watchId))
                    .filter(made -> carrier.filter(now -> !now.acting().equals(made.acting()))
                            .isPresent());
            return maker.or(() -> carrier)
                    .map(watch -> new Claimed(
                            owner,
                            container,
                            watch,
                            claimed.watchId,
                            claimed.graphId(),
                            claimed.posted,
                            claimed.lifeMinutes,
                            claimed.rich,
                            container.kind().hasRichNotifications()
                                    && watches.living(container.id()).stream().anyMatch(Watch::rich),
                            claimed.replacing(),
                            maker.isPresent(),
                            claimed.reportsElsewhere(door()),
                            Optional.ofNullable(claimed.certificateId),
                            Optional.ofNullable(claimed.problem)));
        });
    }

    /** Of a portal that is not entitled none is kept; once it is again, it is made anew if it has died. */
    private Optional<KeptSubscription> claimServed(String owner) {
        // Not for ever: the database may be ahead of our clock.
        for (int passed = 0; passed < PASSED_AT_ONCE; passed++) {
            Optional<KeptSubscription> claimed =
                    subscriptions.claim(owner, config.lease().toMillis());
            if (claimed.isEmpty() || isServed(containers.findById(claimed.get().containerId))) {
                return claimed;
            }
            claimed.get().failed(Entitlements.REFUSED, clock.instant().plus(Entitlements.LOOK_AGAIN));
        }
        return Optional.empty();
    }

    private boolean isServed(Container container) {
        return entitlements.allow(container.portal(), container.kind().feature());
    }

    @Transactional(TxType.REQUIRES_NEW)
    void posting(Claimed claimed) {
        KeptSubscription subscription = subscriptions.owned(claimed.container().id(), claimed.owner());
        subscription.posted = true;
        subscription.rich = claimed.richWanted();
    }

    /** Where Graph may have kept quiet about changes, a round finds out at once. */
    @Transactional(TxType.REQUIRES_NEW)
    void alive(Claimed claimed, GraphSubscriptions.Alive alive, Optional<NotificationKeys.PublicPart> key) {
        // The container's lock before the subscription's, as everywhere.
        containers.locked(claimed.container().id());
        // Graph's clock, where it told: its lives are not to be measured with ours.
        Instant graphNow = GraphAccess.timeOfLastAnswer().orElseGet(clock::instant);
        double jitter = 0.9 + ThreadLocalRandom.current().nextDouble(0.2);
        KeptSubscription subscription = subscriptions.owned(claimed.container().id(), claimed.owner());
        subscription.certificateId = key.map(NotificationKeys.PublicPart::id).orElse(null);
        boolean missed = subscription.alive(
                alive.id(),
                alive.expiresAt(),
                alive.notificationUrl(),
                KeptSubscription.renewal(
                        clock.instant(), Duration.between(graphNow, alive.expiresAt()), config.renewAfter() * jitter),
                clock.instant());
        if (missed) {
            containers.due(claimed.container().id());
        }
        LOG.infof(
                "subscription kept container=%s expires=%s round=%s",
                claimed.container().path(), alive.expiresAt(), missed);
    }

    /** Its life is longer; what was to be done with it besides has still to be done. */
    @Transactional(TxType.REQUIRES_NEW)
    void lives(Claimed claimed, GraphSubscriptions.Alive alive) {
        subscriptions.owned(claimed.container().id(), claimed.owner()).lives(alive.expiresAt());
    }

    /** Which of these subscriptions of Graph no container of ours has, nor may be about to have. */
    @Transactional(TxType.REQUIRES_NEW)
    List<String> nobodys(Claimed claimed, List<String> graphIds) {
        if (subscriptions.anotherIsPosting(claimed.container())) {
            return List.of();
        }
        Set<String> known = subscriptions.known(graphIds);
        return graphIds.stream().filter(id -> !known.contains(id)).toList();
    }

    /** Graph allows one only, and somebody else has it. */
    @Transactional(TxType.REQUIRES_NEW)
    void contested(Claimed claimed) {
        // The container's lock before the subscription's, as everywhere.
        Container container = containers.locked(claimed.container().id());
        KeptSubscription subscription = subscriptions.owned(container.id(), claimed.owner());
        subscription.posted = false;
        subscription.failed(CONTESTED, clock.instant().plus(CONTESTED_PAUSE));
        if (subscriptions.anotherHears(container)) {
            LOG.infof("subscription is another portal's container=%s", container.path());
            return;
        }
        polling.every(container.kind()).ifPresent(every -> containers.dueWithin(container.id(), every));
        LOG.logf(
                claimed.problem().equals(Optional.of(CONTESTED)) ? Logger.Level.DEBUG : Logger.Level.WARN,
                "subscription is another installation's, polling instead container=%s",
                container.path());
    }

    @Transactional(TxType.REQUIRES_NEW)
    void gone(Claimed claimed) {
        gone(
                claimed,
                containers.findById(claimed.container().id()),
                subscriptions.owned(claimed.container().id(), claimed.owner()));
        LOG.infof(
                "subscription gone, made anew container=%s", claimed.container().path());
    }

    private void gone(Claimed claimed, Container container, KeptSubscription subscription) {
        if (claimed.ofAnother()) {
            subscription.carriedBy(container.carrier(), clock.instant());
        } else {
            subscription.gone(clock.instant());
        }
    }

    @Transactional(TxType.REQUIRES_NEW)
    void failed(Claimed claimed, GraphFailure failure) {
        if (failure.accessLost() && claimed.problem().isEmpty()) {
            // The next round finds out for itself, and hands over where another watch may look.
            containers.due(claimed.container().id());
        }
        // The container's lock before the subscription's, as everywhere.
        containers.locked(claimed.container().id());
        KeptSubscription subscription = subscriptions.owned(claimed.container().id(), claimed.owner());
        Optional<Optional<Integer>> bound = GraphSubscriptions.lifeTooLong(failure);
        if (bound.isPresent() && subscription.lifeMinutes > 1) {
            subscription.shorten(KeptSubscription.shorter(subscription.lifeMinutes, bound.get()), clock.instant());
            return;
        }
        Duration pause = failure.retryAfter().orElseGet(() -> backoff.after(subscription.attempts + 1));
        if (!failure.mayHaveHappened()) {
            subscription.posted = false;
        }
        subscription.failed(failure.words(), clock.instant().plus(pause));
        if (subscription.graphId().isEmpty() || subscription.reportsElsewhere(door())) {
            polling.every(claimed.container().kind())
                    .ifPresent(every -> containers.dueWithin(claimed.container().id(), every));
        }
        LOG.infof(
                "subscription not kept container=%s problem=%s",
                claimed.container().path(), failure.words());
    }

    /** Which of these subscriptions of Graph no container has; none of them while one is just being made. */
    @Transactional(TxType.REQUIRES_NEW)
    List<String> orphans(List<String> graphIds) {
        if (graphIds.isEmpty() || subscriptions.anyIsBeingMade()) {
            return List.of();
        }
        Set<String> known = subscriptions.known(graphIds);
        return graphIds.stream().filter(id -> !known.contains(id)).toList();
    }

    /**
     * Graph wants to see a fresh token, or will end it soon.
     *
     * @param asked when it said so
     */
    @Transactional(TxType.REQUIRED)
    public void renewSoon(String watch, Instant asked) {
        subscriptions.ofWatch(watch).forEach(subscription -> subscription.reauthorise(asked, clock.instant()));
    }

    /** Graph has removed it. Late news of one that was replaced meanwhile must not cost the one that lives. */
    @Transactional(TxType.REQUIRED)
    public void removed(String watch, String graphId) {
        subscriptions.ofWatch(watch).stream()
                .filter(subscription -> subscription.graphId().equals(Optional.of(graphId)))
                .forEach(subscription -> subscription.gone(clock.instant()));
    }

    @Override
    @Transactional(TxType.REQUIRED)
    public Optional<WatchView.SubscriptionView> of(long containerId) {
        return subscriptions
                .findByIdOptional(containerId)
                .map(subscription -> new WatchView.SubscriptionView(
                        subscription.graphId().isPresent() ? "active" : "pending",
                        subscription.graphId(),
                        subscription.expiresAt(),
                        Optional.ofNullable(subscription.problem)));
    }

    @Override
    @Transactional(TxType.REQUIRED)
    public Optional<String> whyPolled(long containerId) {
        if (!wanted()) {
            return Optional.of("no-public-address");
        }
        Optional<KeptSubscription> kept = subscriptions.findByIdOptional(containerId);
        if (kept.filter(KeptSubscription::distrusted).isPresent()) {
            return Optional.of("notifications-missed");
        }
        return kept.filter(subscription -> subscription.attempts > 0
                        && (subscription.graphId().isEmpty() || subscription.reportsElsewhere(door())))
                .map(subscription -> CONTESTED.equals(subscription.problem) ? CONTESTED : "not-subscribed")
                .filter(reason ->
                        !CONTESTED.equals(reason) || !subscriptions.anotherHears(containers.findById(containerId)));
    }

    @Override
    public boolean wanted() {
        return neighbours.publicNotificationUrl().isPresent();
    }
}
