package org.m365connector.sync.subscription;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.sync.door.ClientStates;
import org.m365connector.sync.entitlement.Entitlements;
import org.m365connector.sync.graph.GraphAccess;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.graph.GraphFailure;
import org.m365connector.sync.graph.Neighbours;
import org.m365connector.sync.rich.NotificationKeys;
import org.m365connector.sync.watch.ContainerFound;
import org.m365connector.sync.watch.WatchKind;
import org.m365connector.sync.work.Heartbeat;
import org.m365connector.sync.work.LeaseLostException;
import org.m365connector.sync.work.Leased;
import org.m365connector.sync.work.Role;
import org.m365connector.sync.work.RolesConfig;
import org.m365connector.sync.work.Unforeseen;
import org.m365connector.sync.work.WorkLoop;

/** Brings Graph's subscriptions to what the records want, one after the other. No transaction is open while Graph is asked. */
@ApplicationScoped
class SubscriptionKeeper {
    private static final Logger LOG = Logger.getLogger(SubscriptionKeeper.class);

    private final SubscriptionLedger ledger;
    private final Orphans orphans;
    private final GraphAccess graph;
    private final ClientStates clientStates;
    private final NotificationKeys keys;
    private final Duration missingEvery;
    private final Duration richMailLife;
    private final Optional<URI> publicUrl;
    private final Clock clock;
    private final Heartbeat heartbeat;
    private final Duration lease;
    private final boolean active;
    private final WorkLoop keeping;
    private final WorkLoop ends;
    private Instant missingAt = Instant.MIN;

    SubscriptionKeeper(
            SubscriptionLedger ledger,
            Orphans orphans,
            WatchEnding ending,
            GraphAccess graph,
            ClientStates clientStates,
            NotificationKeys keys,
            Neighbours neighbours,
            SubscriptionConfig config,
            RolesConfig roles,
            Entitlements entitlements,
            Heartbeat heartbeat,
            Clock clock) {
        this.ledger = ledger;
        this.orphans = orphans;
        this.graph = graph;
        this.clientStates = clientStates;
        this.keys = keys;
        this.missingEvery = config.missingEvery();
        this.richMailLife = config.richMailLife();
        this.publicUrl = neighbours.publicNotificationUrl();
        this.clock = clock;
        this.heartbeat = heartbeat;
        this.lease = config.lease();
        this.active = roles.roles().contains(Role.INBOUND);
        this.keeping =
                new WorkLoop("subscription", 1, config.pollInterval(), this::keepOne).onlyWhen(entitlements::known);
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
        if (!clock.instant().isBefore(missingAt)) {
            ledger.addMissing();
            ledger.followDoor();
            missingAt = clock.instant().plus(missingEvery);
        }
        Optional<SubscriptionLedger.Claimed> claimed = ledger.claim();
        if (claimed.isEmpty()) {
            return false;
        }
        heartbeat.during(Leased.SUBSCRIPTION, claimed.get().owner(), lease, () -> keepUnlessOvertaken(claimed.get()));
        return true;
    }

    private void keepUnlessOvertaken(SubscriptionLedger.Claimed claimed) {
        try {
            keepOrFail(claimed);
        } catch (LeaseLostException e) {
            LOG.infof(
                    "subscription was taken over by another worker container=%s",
                    claimed.container().path());
        }
    }

    private void keepOrFail(SubscriptionLedger.Claimed claimed) {
        try {
            keep(claimed);
        } catch (GraphException e) {
            ledger.failed(claimed, e.failure());
        } catch (LeaseLostException e) {
            throw e;
        } catch (RuntimeException e) {
            boolean again = claimed.problem().equals(Optional.of(Unforeseen.WORDS));
            Unforeseen.note(
                    LOG, e, "subscription of container=" + claimed.container().path(), again);
            ledger.failed(claimed, new GraphFailure.Unforeseen());
        }
    }

    private void keep(SubscriptionLedger.Claimed claimed) {
        GraphSubscriptions subscriptions =
                new GraphSubscriptions(graph.as(claimed.carrier().acting()), publicUrl.orElseThrow());
        if (claimed.container().absence().isGone()) {
            giveUp(claimed, subscriptions);
            return;
        }
        if (claimed.graphId().isPresent() && claimed.elsewhere() && !claimed.ofAnother()) {
            unlessGone(
                    claimed,
                    () -> move(claimed, subscriptions, claimed.graphId().get()));
            return;
        }
        if (claimed.graphId().isPresent() && claimed.mustBeReplaced()) {
            delete(claimed, subscriptions, claimed.graphId().get());
            ledger.gone(claimed);
            return;
        }
        if (claimed.graphId().isPresent()) {
            unlessGone(
                    claimed,
                    () -> renew(claimed, subscriptions, claimed.graphId().get()));
            return;
        }
        if (claimed.posted()) {
            // A post that was begun before may have made one.
            clearAway(claimed, subscriptions);
        }
        Optional<NotificationKeys.PublicPart> key = key(claimed);
        create(claimed, subscriptions, key)
                .ifPresentOrElse(made -> made(claimed, subscriptions, made, key), () -> ledger.contested(claimed));
    }

    /** While it was looked for others carried it, who knew nothing of each other's subscriptions. */
    private void giveUp(SubscriptionLedger.Claimed claimed, GraphSubscriptions subscriptions) {
        claimed.graphId()
                .ifPresentOrElse(id -> delete(claimed, subscriptions, id), () -> clearAway(claimed, subscriptions));
        ledger.givenUp(claimed);
    }

    /** Who does not carry the container any more may not be able to; then it dies by itself. */
    private static void delete(SubscriptionLedger.Claimed claimed, GraphSubscriptions subscriptions, String id) {
        try {
            subscriptions.delete(id);
        } catch (GraphException e) {
            if (!claimed.ofAnother() || e.failure().retryable()) {
                throw e;
            }
            LOG.warnf(
                    "subscription of the watch before could not be deleted container=%s failure=%s",
                    claimed.container().path(), e.failure());
        }
    }

    /** For which Graph shall encrypt, where content is wanted. */
    private Optional<NotificationKeys.PublicPart> key(SubscriptionLedger.Claimed claimed) {
        return claimed.richWanted() ? Optional.of(keys.current()) : Optional.empty();
    }

    /** One that nobody wrote down would live on, and nobody would end it. */
    private void made(
            SubscriptionLedger.Claimed claimed,
            GraphSubscriptions subscriptions,
            GraphSubscriptions.Alive made,
            Optional<NotificationKeys.PublicPart> key) {
        try {
            ledger.alive(claimed, made, key);
        } catch (LeaseLostException e) {
            deleteNobodys(claimed, subscriptions, made.id());
            throw e;
        }
    }

    private static void deleteNobodys(SubscriptionLedger.Claimed claimed, GraphSubscriptions subscriptions, String id) {
        try {
            subscriptions.delete(id);
        } catch (GraphException e) {
            LOG.warnf(
                    "subscription that nobody wants could not be deleted, it dies by itself container=%s failure=%s",
                    claimed.container().path(), e.failure());
        }
    }

    private void renew(SubscriptionLedger.Claimed claimed, GraphSubscriptions subscriptions, String id) {
        Optional<NotificationKeys.PublicPart> key = key(claimed);
        Optional<NotificationKeys.PublicPart> another =
                key.filter(present -> !claimed.certificateId().equals(Optional.of(present.id())));
        ledger.alive(claimed, subscriptions.renew(id, expiry(claimed), another), key);
        orphans.look(claimed.carrier().acting(), subscriptions);
    }

    /**
     * The address for lifecycle notifications cannot be changed, so it is made anew; but not before Graph has reached the new one for
     * notifications, lest a wrong one cost what works.
     */
    private void move(SubscriptionLedger.Claimed claimed, GraphSubscriptions subscriptions, String id) {
        try {
            subscriptions.moveHere(id);
        } catch (GraphException e) {
            if (!isGone(e)) {
                // Where it reports to is all there is, and may be right.
                ledger.lives(claimed, subscriptions.renew(id, expiry(claimed), Optional.empty()));
            }
            throw e;
        }
        delete(claimed, subscriptions, id);
        ledger.gone(claimed);
    }

    private static boolean isGone(GraphException e) {
        return e.failure() instanceof GraphFailure.Refused refused && refused.status() == 404;
    }

    private void unlessGone(SubscriptionLedger.Claimed claimed, Runnable step) {
        try {
            step.run();
        } catch (GraphException e) {
            if (isGone(e)) {
                ledger.gone(claimed);
            } else {
                throw e;
            }
        }
    }

    /** @return empty where Graph has one already that belongs to another container of ours, or to somebody else */
    private Optional<GraphSubscriptions.Alive> create(
            SubscriptionLedger.Claimed claimed,
            GraphSubscriptions subscriptions,
            Optional<NotificationKeys.PublicPart> key) {
        ledger.posting(claimed);
        String clientState =
                key.isPresent() ? clientStates.withContent(claimed.watchId()) : clientStates.of(claimed.watchId());
        try {
            return Optional.of(subscriptions.create(claimed.container(), clientState, expiry(claimed), key));
        } catch (GraphException e) {
            if (!(e.failure() instanceof GraphFailure.Refused refused && refused.status() == 409)) {
                throw e;
            }
            if (!clearAway(claimed, subscriptions)) {
                return Optional.empty();
            }
            return Optional.of(subscriptions.create(claimed.container(), clientState, expiry(claimed), key));
        }
    }

    /**
     * Deletes what is left behind on this container: it carries a mark that nobody can read, perhaps of a watch that is gone,
     * and nobody would hear of it. What another container of ours is known to have, or may be making just now, stays; and so does what
     * reports to another address, since it may be another installation's.
     *
     * @return whether nothing is in the way any more
     */
    private boolean clearAway(SubscriptionLedger.Claimed claimed, GraphSubscriptions subscriptions) {
        List<String> there = subscriptions.onSame(claimed.container());
        List<String> nobodys = ledger.nobodys(claimed, there);
        nobodys.forEach(subscriptions::delete);
        return nobodys.size() == there.size() && !there.isEmpty();
    }

    private Instant expiry(SubscriptionLedger.Claimed claimed) {
        Duration life = Duration.ofMinutes(claimed.lifeMinutes());
        boolean shorter = claimed.richWanted()
                && claimed.container().kind() == WatchKind.MAIL_FOLDER
                && richMailLife.compareTo(life) < 0;
        return clock.instant().plus(shorter ? richMailLife : life);
    }
}
