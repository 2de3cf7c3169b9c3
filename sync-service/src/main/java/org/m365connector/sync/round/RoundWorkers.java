package org.m365connector.sync.round;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Optional;
import org.m365connector.sync.entitlement.Entitlements;
import org.m365connector.sync.watch.ContainerFound;
import org.m365connector.sync.work.Heartbeat;
import org.m365connector.sync.work.Leased;
import org.m365connector.sync.work.Role;
import org.m365connector.sync.work.RolesConfig;
import org.m365connector.sync.work.WorkLoop;

/** The rim of this feature: threads that make rounds. */
@ApplicationScoped
class RoundWorkers {
    private final Rounds rounds;
    private final RoundRunner runner;
    private final boolean active;
    private final Heartbeat heartbeat;
    private final Duration lease;
    private final WorkLoop loop;

    RoundWorkers(
            Rounds rounds,
            RoundRunner runner,
            RoundConfig config,
            RolesConfig roles,
            Entitlements entitlements,
            Heartbeat heartbeat) {
        this.rounds = rounds;
        this.runner = runner;
        this.active = roles.roles().contains(Role.INBOUND);
        this.heartbeat = heartbeat;
        this.lease = config.lease();
        this.loop = new WorkLoop("round", config.workers(), config.pollInterval(), this::step)
                .onlyWhen(entitlements::known);
    }

    void start(@Observes StartupEvent event) {
        if (active) {
            loop.start();
        }
    }

    void stop(@Observes ShutdownEvent event) {
        loop.close();
    }

    void found(@Observes ContainerFound event) {
        wake();
    }

    /** A container has become due. */
    void wake() {
        loop.wake();
    }

    private boolean step() {
        Optional<Rounds.Begun> begun = rounds.claim();
        if (begun.isEmpty()) {
            return false;
        }
        loop.wake();
        heartbeat.during(Leased.CONTAINER, begun.get().owner(), lease, () -> runner.run(begun.get()));
        return true;
    }
}
