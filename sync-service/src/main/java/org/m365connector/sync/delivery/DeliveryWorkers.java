package org.m365connector.sync.delivery;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.m365connector.events.PortalId;
import org.m365connector.sync.delivery.DeliveryLedger.Claimed;
import org.m365connector.sync.portal.PortalLives;
import org.m365connector.sync.work.Heartbeat;
import org.m365connector.sync.work.Leased;
import org.m365connector.sync.work.Role;
import org.m365connector.sync.work.RolesConfig;
import org.m365connector.sync.work.WorkLoop;
import org.m365connector.view.Views;

/** The rim of this feature: threads that push, and chores. */
@ApplicationScoped
class DeliveryWorkers {
    private final DeliveryLedger ledger;
    private final DeliveryRunner runner;
    private final Heartbeat heartbeat;
    private final Views views;
    private final PortalLives lives;
    private final Duration lease;
    private final boolean active;
    private final WorkLoop loop;
    private final AtomicLong waiting = new AtomicLong();
    private final Set<PortalId> missedBefore = new HashSet<>();
    private volatile boolean stopped;

    DeliveryWorkers(
            DeliveryLedger ledger,
            DeliveryRunner runner,
            DeliveryConfig config,
            RolesConfig roles,
            Heartbeat heartbeat,
            Views views,
            PortalLives lives,
            MeterRegistry meters) {
        this.ledger = ledger;
        this.runner = runner;
        this.heartbeat = heartbeat;
        this.views = views;
        this.lives = lives;
        this.lease = config.lease();
        this.active = roles.roles().contains(Role.INBOUND);
        if (lease.compareTo(config.callTimeout().multipliedBy(2)) < 0) {
            throw new IllegalArgumentException(
                    "m365.sync.delivery.lease must be at least twice m365.sync.delivery.call-timeout");
        }
        // The origins that may be called are in the view.
        this.loop = new WorkLoop("delivery", config.workers(), config.pollInterval(), this::step)
                .onlyWhen(() -> views.portals().ready());
        meters.gauge("m365.sync.delivery.waiting", waiting);
    }

    void start(@Observes StartupEvent event) {
        if (active) {
            views.portals();
            loop.start();
        }
    }

    void stop(@Observes ShutdownEvent event) {
        stopped = true;
        runner.stop();
        loop.close();
    }

    /** Something may be due. */
    void wake() {
        loop.wake();
    }

    private boolean step() {
        Optional<Claimed> claimed = ledger.claim();
        if (claimed.isEmpty()) {
            return false;
        }
        loop.wake();
        heartbeat.during(Leased.DELIVERY, claimed.get().owner(), lease, () -> runner.run(claimed.get()));
        return true;
    }

    @Scheduled(every = "10s", delayed = "10s")
    void measure() {
        if (active && !stopped) {
            waiting.set(ledger.waitingToBePushed());
        }
    }

    @Scheduled(every = "10m", delayed = "5m", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void tidy() {
        if (!active || stopped) {
            return;
        }
        for (PortalId portal : ledger.portalsWithOld()) {
            while (ledger.giveUpOld(portal) && !stopped) {
                // In slices.
            }
        }
        forgetTheGone();
    }

    /**
     * Missed twice, ten minutes apart, by a view that is complete; and where no portal is known something else is wrong. Mostly {@link
     * DeliveryLedger#ended} was there before.
     */
    private void forgetTheGone() {
        if (!views.portals().ready()
                || views.portals().stale()
                || views.portals().size() == 0) {
            return;
        }
        Set<PortalId> missed = new HashSet<>();
        for (PortalId portal : ledger.portals()) {
            if (views.portals().get(portal.value()).isEmpty() && !missedBefore.contains(portal)) {
                missed.add(portal);
            } else if (views.portals().get(portal.value()).isEmpty()) {
                ledger.forget(portal);
            }
        }
        missedBefore.clear();
        missedBefore.addAll(missed);
        for (PortalId portal : ledger.portalsOfUnknownLife()) {
            lives.version(portal).ifPresent(version -> ledger.noteLife(portal, version));
        }
    }
}
