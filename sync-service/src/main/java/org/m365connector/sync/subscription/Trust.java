package org.m365connector.sync.subscription;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.watch.PollingConfig;

/** How far notifications can be relied on, judged by what rounds find; and how often a container is looked at where they cannot. */
@ApplicationScoped
public class Trust {
    private static final Logger LOG = Logger.getLogger(Trust.class);

    private final Subscriptions subscriptions;
    private final SubscriptionLedger ledger;
    private final SubscriptionConfig config;
    private final PollingConfig polling;
    private final Clock clock;

    Trust(
            Subscriptions subscriptions,
            SubscriptionLedger ledger,
            SubscriptionConfig config,
            PollingConfig polling,
            Clock clock) {
        this.subscriptions = subscriptions;
        this.ledger = ledger;
        this.config = config;
        this.polling = polling;
        this.clock = clock;
    }

    /** A notification has led to a round of the locked container. */
    @Transactional(TxType.MANDATORY)
    public void heard(Container container, boolean found) {
        locked(container).ifPresent(subscription -> {
            boolean before = subscription.distrusted();
            subscription.heard(found);
            if (before && !subscription.distrusted()) {
                LOG.infof("notifications come again container=%s", container.path());
            }
        });
    }

    /**
     * A round by the timer has found what no notification had told.
     *
     * @return whether there is a subscription that should have told it
     */
    @Transactional(TxType.MANDATORY)
    public boolean missed(Container container) {
        Optional<KeptSubscription> subscription =
                locked(container).filter(kept -> kept.graphId().isPresent() && !kept.distrusted());
        subscription.ifPresent(kept -> {
            kept.missed(config.mostMisses(), clock.instant());
            if (kept.replacing()) {
                LOG.warnf(
                        "too many changes were not told, the subscription is made anew container=%s", container.path());
            } else if (kept.distrusted()) {
                LOG.warnf("notifications do not come, polling instead container=%s", container.path());
            }
        });
        return subscription.isPresent();
    }

    /** How often to look while no notification comes; empty where they come, and where that kind is not to be polled. */
    @Transactional(TxType.MANDATORY)
    public Optional<Duration> polled(Container container) {
        return ledger.whyPolled(container.id()).flatMap(reason -> polling.every(container.kind()));
    }

    private Optional<KeptSubscription> locked(Container container) {
        return subscriptions.findByIdOptional(container.id(), LockModeType.PESSIMISTIC_WRITE);
    }
}
