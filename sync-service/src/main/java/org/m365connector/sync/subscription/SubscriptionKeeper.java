package org.m365connector.sync.subscription;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.sync.door.ClientStates;
import org.m365connector.sync.graph.GraphAccess;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.graph.GraphFailure;
import org.m365connector.sync.graph.Neighbours;
import org.m365connector.sync.watch.ContainerFound;
import org.m365connector.sync.work.LeaseLostException;
import org.m365connector.sync.work.Role;
import org.m365connector.sync.work.RolesConfig;
import org.m365connector.sync.work.WorkLoop;

/** Brings Graph's subscriptions to what the records want, one after the other. No transaction is open while Graph is asked. */
@ApplicationScoped
class SubscriptionKeeper {
    private static final Logger LOG = Logger.getLogger(SubscriptionKeeper.class);

    private final SubscriptionLedger ledger;
    private final GraphAccess graph;
    private final ClientStates clientStates;
    private final Optional<URI> publicUrl;
    private final Clock clock;
    private final boolean active;
    private final WorkLoop keeping;
    private final WorkLoop ends;

    SubscriptionKeeper(
            SubscriptionLedger ledger,
            WatchEnding ending,
            GraphAccess graph,
            ClientStates clientStates,
            Neighbours neighbours,
            SubscriptionConfig config,
            RolesConfig roles,
            Clock clock) {
        this.ledger = ledger;
        this.graph = graph;
        this.clientStates = clientStates;
        this.publicUrl = neighbours.publicNotificationUrl();
        this.clock = clock;
        this.active = roles.roles().contains(Role.INBOUND);
        this.keeping = new WorkLoop("subscription", 1, config.pollInterval(), this::keepOne);
        this.ends = new WorkLoop("watch-ending", 1, config.pollInterval(), ending::endOne);
    }

    void start(@Observes StartupEvent event) {
        if (!active) {
            return;
        }
        ends.start();
        if (publicUrl.isPresent()) {
            keeping.start();
        } else {
            LOG.warn("no public address is configured: watches are polled only");
        }
    }

    void stop(@Observes ShutdownEvent event) {
        keeping.close();
        ends.close();
    }

    void found(@Observes ContainerFound event) {
        keeping.wake();
    }

    private boolean keepOne() {
        Optional<SubscriptionLedger.Claimed> claimed = ledger.claim();
        if (claimed.isEmpty()) {
            return false;
        }
        try {
            keep(claimed.get());
        } catch (GraphException e) {
            ledger.failed(claimed.get(), e.failure());
        } catch (LeaseLostException e) {
            LOG.infof(
                    "subscription was taken over by another worker container=%s",
                    claimed.get().container().path());
        }
        return true;
    }

    private void keep(SubscriptionLedger.Claimed claimed) {
        GraphSubscriptions subscriptions =
                new GraphSubscriptions(graph.as(claimed.carrier().acting()), publicUrl.orElseThrow());
        if (claimed.graphId().isPresent()) {
            renew(claimed, subscriptions, claimed.graphId().get());
            return;
        }
        // A post that was begun before may have made one; its mark is ours, since the record came first.
        Optional<GraphSubscriptions.Alive> found =
                claimed.posted() ? subscriptions.find(claimed.container()) : Optional.empty();
        ledger.alive(claimed, found.orElseGet(() -> create(claimed, subscriptions)), true);
    }

    private void renew(SubscriptionLedger.Claimed claimed, GraphSubscriptions subscriptions, String id) {
        try {
            ledger.alive(claimed, subscriptions.renew(id, expiry(claimed)), false);
        } catch (GraphException e) {
            if (e.failure() instanceof GraphFailure.Refused refused && refused.status() == 404) {
                ledger.gone(claimed);
            } else {
                throw e;
            }
        }
    }

    private GraphSubscriptions.Alive create(SubscriptionLedger.Claimed claimed, GraphSubscriptions subscriptions) {
        ledger.posting(claimed);
        String clientState = clientStates.of(claimed.watchId());
        try {
            return subscriptions.create(claimed.container(), clientState, expiry(claimed));
        } catch (GraphException e) {
            if (!(e.failure() instanceof GraphFailure.Refused refused && refused.status() == 409)) {
                throw e;
            }
            // One from before carries the mark of a watch that is gone, so nobody would hear of it.
            GraphSubscriptions.Alive old =
                    subscriptions.find(claimed.container()).orElseThrow(() -> e);
            subscriptions.delete(old.id());
            return subscriptions.create(claimed.container(), clientState, expiry(claimed));
        }
    }

    private Instant expiry(SubscriptionLedger.Claimed claimed) {
        return clock.instant().plus(Duration.ofMinutes(claimed.lifeMinutes()));
    }
}
