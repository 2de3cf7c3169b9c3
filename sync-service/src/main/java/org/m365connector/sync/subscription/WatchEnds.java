package org.m365connector.sync.subscription;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.watch.Containers;
import org.m365connector.sync.watch.Watch;
import org.m365connector.sync.watch.Watches;
import org.m365connector.sync.work.Leases;

/** The transactions in which watches end. */
@ApplicationScoped
class WatchEnds {
    private static final Logger LOG = Logger.getLogger(WatchEnds.class);
    private final Watches watches;
    private final Containers containers;
    private final Subscriptions subscriptions;
    private final Handover handover;
    private final Leases leases;
    private final SubscriptionConfig config;
    private final Clock clock;

    WatchEnds(
            Watches watches,
            Containers containers,
            Subscriptions subscriptions,
            Handover handover,
            Leases leases,
            SubscriptionConfig config,
            Clock clock) {
        this.watches = watches;
        this.containers = containers;
        this.subscriptions = subscriptions;
        this.handover = handover;
        this.leases = leases;
        this.config = config;
        this.clock = clock;
    }

    /**
     * @param unsubscribe Graph's id of the subscription that must go first, where there is one
     * @param path what was watched, if it got that far
     */
    record Ending(String owner, Watch watch, Optional<String> unsubscribe, Optional<String> path) {}

    @Transactional(TxType.REQUIRES_NEW)
    Optional<Ending> claim() {
        String owner = leases.newOwner();
        return watches.claim(owner, Watch.State.ENDING, config.lease().toMillis())
                .map(watch -> new Ending(owner, watch, toDelete(watch), path(watch)));
    }

    private Optional<String> path(Watch watch) {
        return Optional.ofNullable(watch.containerId())
                .map(containers::findById)
                .map(Container::path);
    }

    private Optional<String> toDelete(Watch watch) {
        if (watch.containerId() == null) {
            return Optional.empty();
        }
        Container container = containers.findById(watch.containerId());
        return takesSubscriptionAlong(container, watch)
                ? subscriptions.findByIdOptional(container.id()).flatMap(KeptSubscription::graphId)
                : Optional.empty();
    }

    private boolean takesSubscriptionAlong(Container container, Watch watch) {
        boolean carries = container.carrier().equals(watch.id());
        boolean last = watches.living(container.id()).isEmpty();
        return (carries || last) && heir(watch).isEmpty();
    }

    /** Another watch of the container that asks Graph in the same way, so that its subscription can stay. */
    private Optional<Watch> heir(Watch ending) {
        return watches.living(ending.containerId()).stream()
                .filter(other -> other.acting().equals(ending.acting()))
                .findFirst();
    }

    /** @return false where Graph has got a subscription since, or may be about to: that must go first */
    @Transactional(TxType.REQUIRES_NEW)
    boolean endUnlessSubscribed(Ending ending) {
        Optional<Container> container = container(ending);
        Watch watch = watches.owned(ending.watch().id(), ending.owner());
        if (container.isPresent() && leavesSubscription(ending, container.get(), watch)) {
            return false;
        }
        end(container, watch);
        return true;
    }

    /** Locked, before the watch is: a round holds its container when it locks the watches of many containers. */
    private Optional<Container> container(Ending ending) {
        return Optional.ofNullable(ending.watch().containerId()).map(containers::locked);
    }

    /** The keeper writes down under these locks that it makes one, and that it has. */
    private boolean leavesSubscription(Ending ending, Container container, Watch watch) {
        return takesSubscriptionAlong(container, watch)
                && subscriptions
                        .findByIdOptional(container.id(), LockModeType.PESSIMISTIC_WRITE)
                        .filter(subscription -> subscription.graphId().isPresent()
                                ? !subscription.graphId().equals(ending.unsubscribe())
                                : subscription.posted)
                        .isPresent();
    }

    @Transactional(TxType.REQUIRES_NEW)
    void end(Ending ending) {
        Optional<Container> container = container(ending);
        end(container, watches.owned(ending.watch().id(), ending.owner()));
    }

    private void end(Optional<Container> container, Watch watch) {
        container.ifPresent(left -> leave(left, watch));
        watches.delete(watch);
        LOG.infof("watch ended watch=%s portal=%s", watch.id(), watch.portal());
    }

    private void leave(Container container, Watch watch) {
        List<Watch> others = watches.living(container.id());
        if (others.isEmpty()) {
            // Several watches may end at the same time; the last one clears away.
            watch.leaveContainer();
            watches.flush();
            if (watches.count("containerId", container.id()) == 0) {
                containers.remove(container.id());
            }
            return;
        }
        containers.wishesMayHaveChanged(container.id());
        if (!container.carrier().equals(watch.id())) {
            return;
        }
        Optional<Watch> heir = heir(watch);
        if (heir.isPresent()) {
            container.carriedBy(heir.get().id());
        } else {
            handover.to(container, others.get(0), clock.instant());
        }
    }

    /** Another portal that watches the same may have what Graph allows once only. */
    @Transactional(TxType.REQUIRES_NEW)
    void makeRoom(Ending ending) {
        ending.path().ifPresent(subscriptions::tryContested);
    }

    @Transactional(TxType.REQUIRES_NEW)
    void later(Ending ending, Duration pause) {
        watches.owned(ending.watch().id(), ending.owner())
                .endLater(clock.instant().plus(pause));
    }
}
