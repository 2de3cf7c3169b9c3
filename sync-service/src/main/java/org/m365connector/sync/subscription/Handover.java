package org.m365connector.sync.subscription;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.sync.graph.Acting;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.watch.Watch;
import org.m365connector.sync.watch.Watches;

/** Another watch of a container asks Graph from now on, as somebody else: with its own subscription and its own delta link. */
@ApplicationScoped
public class Handover {
    private static final Logger LOG = Logger.getLogger(Handover.class);

    private final Watches watches;
    private final Subscriptions subscriptions;
    private final Clock clock;

    Handover(Watches watches, Subscriptions subscriptions, Clock clock) {
        this.watches = watches;
        this.subscriptions = subscriptions;
        this.clock = clock;
    }

    /**
     * Whoever carries the locked container may not look at it any more, or is gone.
     *
     * @param due when the next one looks
     * @return false where there is no other watch, or none that asks as somebody else
     */
    @Transactional(TxType.MANDATORY)
    public boolean fromOneWithoutAccess(Container container, Instant due) {
        Optional<Watch> next = next(watches.living(container.id()), container.carrier());
        next.ifPresent(watch -> {
            LOG.warnf("watch has lost access, another one carries on container=%s", container.path());
            to(container, watch, due);
        });
        return next.isPresent();
    }

    @Transactional(TxType.MANDATORY)
    void to(Container container, Watch next, Instant due) {
        container.carriedAnewBy(next.id(), clock.instant(), due);
        subscriptions
                .findByIdOptional(container.id(), LockModeType.PESSIMISTIC_WRITE)
                .ifPresent(old -> old.carriedBy(next.id(), clock.instant()));
    }

    /** One after the other, so that each has its turn. */
    private static Optional<Watch> next(List<Watch> living, String carrier) {
        List<String> ids = living.stream().map(Watch::id).toList();
        int at = ids.indexOf(carrier);
        Optional<Acting> acting =
                at < 0 ? Optional.empty() : Optional.of(living.get(at).acting());
        List<Watch> others = at < 0
                ? living
                : java.util.stream.Stream.concat(
                                living.subList(at + 1, living.size()).stream(), living.subList(0, at).stream())
                        .toList();
        return others.stream()
                .filter(other -> !acting.equals(Optional.of(other.acting())))
                .findFirst();
    }
}
