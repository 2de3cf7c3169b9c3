package org.m365connector.sync.subscription;

import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.sync.graph.Acting;
import org.m365connector.sync.graph.GraphAccess;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.graph.Neighbours;
import org.m365connector.sync.work.Heartbeat;
import org.m365connector.sync.work.LeaseLostException;
import org.m365connector.sync.work.Leased;
import org.m365connector.sync.work.Unforeseen;

/**
 * Ends watches: with the last one of a container its subscription is deleted at Graph, then everything known of the container.
 * While others remain, one of them carries on.
 */
@ApplicationScoped
class WatchEnding {
    private static final Logger LOG = Logger.getLogger(WatchEnding.class);
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final WatchEnds ends;
    private final GraphAccess graph;
    private final Neighbours neighbours;
    private final SubscriptionConfig config;
    private final Heartbeat heartbeat;

    WatchEnding(
            WatchEnds ends, GraphAccess graph, Neighbours neighbours, SubscriptionConfig config, Heartbeat heartbeat) {
        this.ends = ends;
        this.graph = graph;
        this.neighbours = neighbours;
        this.config = config;
        this.heartbeat = heartbeat;
    }

    boolean endOne() {
        Optional<WatchEnds.Ending> claimed = ends.claim();
        if (claimed.isEmpty()) {
            return false;
        }
        heartbeat.during(Leased.WATCH, claimed.get().owner(), config.lease(), () -> end(claimed.get()));
        return true;
    }

    private void end(WatchEnds.Ending ending) {
        try {
            ending.unsubscribe().ifPresent(id -> unsubscribe(ending.watch().acting(), id));
            if (ends.endUnlessSubscribed(ending)) {
                ends.makeRoom(ending);
            } else {
                againOrGiveUp(ending);
            }
        } catch (GraphException e) {
            againOrGiveUp(ending);
        } catch (LeaseLostException e) {
            LOG.infof(
                    "watch was taken over by another worker watch=%s",
                    ending.watch().id());
        } catch (RuntimeException e) {
            Unforeseen.note(
                    LOG,
                    e,
                    "end of watch=" + ending.watch().id(),
                    ending.watch().attempts() > 0);
            ends.later(ending, PAUSE);
        }
    }

    private void againOrGiveUp(WatchEnds.Ending ending) {
        if (PAUSE.multipliedBy(ending.watch().attempts()).compareTo(config.endWithin()) > 0) {
            LOG.warnf(
                    "subscription could not be deleted, it dies by itself watch=%s",
                    ending.watch().id());
            ends.end(ending);
        } else {
            ends.later(ending, PAUSE);
        }
    }

    private void unsubscribe(Acting acting, String graphId) {
        // To delete one, no address of ours is needed: it may have been taken out of the configuration meanwhile.
        new GraphSubscriptions(
                        graph.as(acting), neighbours.publicNotificationUrl().orElse(URI.create("")))
                .delete(graphId);
    }
}
