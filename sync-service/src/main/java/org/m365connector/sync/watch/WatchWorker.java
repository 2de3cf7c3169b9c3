package org.m365connector.sync.watch;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.graph.GraphFailure;
import org.m365connector.sync.work.Heartbeat;
import org.m365connector.sync.work.LeaseLostException;
import org.m365connector.sync.work.Leased;
import org.m365connector.sync.work.Role;
import org.m365connector.sync.work.RolesConfig;
import org.m365connector.sync.work.Unforeseen;
import org.m365connector.sync.work.WorkLoop;

/** The rim of this feature: one thread that sets up new watches. */
@ApplicationScoped
class WatchWorker {
    private static final Logger LOG = Logger.getLogger(WatchWorker.class);

    private final WatchSetUp setUp;
    private final Event<ContainerFound> containerFound;
    private final boolean active;
    private final Heartbeat heartbeat;
    private final Duration lease;
    private final WorkLoop loop;

    WatchWorker(
            WatchSetUp setUp,
            WatchConfig config,
            RolesConfig roles,
            Heartbeat heartbeat,
            Event<ContainerFound> containerFound) {
        this.setUp = setUp;
        this.containerFound = containerFound;
        this.active = roles.roles().contains(Role.INBOUND);
        this.heartbeat = heartbeat;
        this.lease = config.lease();
        this.loop = new WorkLoop("watch", 1, config.pollInterval(), this::step);
    }

    void start(@Observes StartupEvent event) {
        if (active) {
            loop.start();
        }
    }

    void stop(@Observes ShutdownEvent event) {
        loop.close();
    }

    void wake() {
        loop.wake();
    }

    void containersAreDue() {
        containerFound.fire(new ContainerFound());
    }

    private boolean step() {
        Optional<WatchSetUp.Claimed> claimed = setUp.claim();
        if (claimed.isEmpty()) {
            return false;
        }
        heartbeat.during(Leased.WATCH, claimed.get().owner(), lease, () -> run(claimed.get()));
        return true;
    }

    private void run(WatchSetUp.Claimed claimed) {
        try {
            setUp.found(claimed, setUp.find(claimed.watch()));
            containerFound.fire(new ContainerFound());
        } catch (GraphException e) {
            setUp.failed(claimed, e.failure());
        } catch (CannotBeWatchedException e) {
            setUp.refused(claimed, e.why());
        } catch (LeaseLostException e) {
            LOG.infof(
                    "watch was taken over by another worker watch=%s",
                    claimed.watch().id());
        } catch (RuntimeException e) {
            boolean again = claimed.watch().problem().equals(Optional.of(Unforeseen.WORDS));
            Unforeseen.note(LOG, e, "watch=" + claimed.watch().id(), again);
            setUp.failed(claimed, new GraphFailure.Unforeseen());
        }
    }
}
