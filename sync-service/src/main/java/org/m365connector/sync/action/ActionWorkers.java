package org.m365connector.sync.action;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.sync.action.ActionLedger.ClaimedAction;
import org.m365connector.sync.work.Heartbeat;
import org.m365connector.sync.work.Leased;
import org.m365connector.sync.work.Role;
import org.m365connector.sync.work.RolesConfig;
import org.m365connector.sync.work.WorkLoop;
import org.m365connector.view.TopicView;
import org.m365connector.view.Views;

/** The rim of this feature: workers, and the news of accounts that wake parked actions. */
@ApplicationScoped
class ActionWorkers {
    private final ActionLedger ledger;
    private final ActionRunner runner;
    private final Views views;
    private final boolean active;
    private final Heartbeat heartbeat;
    private final Duration lease;
    private final WorkLoop loop;
    private final AtomicLong open = new AtomicLong();
    private volatile boolean stopped;
    private final ExecutorService wakeUps = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "action-wake-up");
        thread.setDaemon(true);
        return thread;
    });

    ActionWorkers(
            ActionLedger ledger,
            ActionRunner runner,
            ActionConfig config,
            RolesConfig roles,
            Heartbeat heartbeat,
            Views views,
            MeterRegistry meters) {
        this.ledger = ledger;
        this.runner = runner;
        this.views = views;
        this.active = roles.roles().contains(Role.OUTBOUND);
        this.heartbeat = heartbeat;
        this.lease = config.lease();
        this.loop = new WorkLoop("action", config.workers(), config.pollInterval(), this::step)
                .onlyWhen(this::viewsAreComplete);
        meters.gauge("m365.sync.actions.open", open);
    }

    void start(@Observes StartupEvent event) {
        if (!active) {
            return;
        }
        viewsAreComplete();
        views.accounts().onChange((key, old, now) -> now.ifPresent(this::heardOf));
        loop.start();
    }

    void stop(@Observes ShutdownEvent event) {
        stopped = true;
        runner.stop();
        loop.close();
        wakeUps.shutdownNow();
    }

    /** An action has come in. */
    void wake() {
        loop.wake();
    }

    /** Who acts, and from whose mailbox, is read from them: half a view would make the wrong one act. */
    private boolean viewsAreComplete() {
        return Stream.of(views.portals(), views.registrations(), views.assignments(), views.accounts())
                .allMatch(TopicView::ready);
    }

    private boolean step() {
        Optional<ClaimedAction> claimed = ledger.claim();
        if (claimed.isEmpty()) {
            return false;
        }
        // Where one is due, more may be.
        loop.wake();
        heartbeat.during(Leased.ACTION, claimed.get().owner(), lease, () -> runner.run(claimed.get()));
        return true;
    }

    private void heardOf(AccountRecord account) {
        if (account.state() != AccountState.READY) {
            return;
        }
        // The view's thread must not wait for the database.
        wakeUps.execute(() -> {
            if (ledger.wake(account.portalId(), account.registration(), account.account()) > 0) {
                loop.wake();
            }
        });
    }

    @Scheduled(every = "10s", delayed = "10s")
    void measure() {
        unlessItEnds(() -> open.set(ledger.countOpen()));
    }

    @Scheduled(every = "1h", delayed = "5m")
    void forgetOld() {
        unlessItEnds(() -> {
            while (ledger.forgetOld() && !stopped) {
                // In slices.
            }
        });
    }

    @Scheduled(every = "1m", delayed = "10s")
    void giveMissingTurns() {
        unlessItEnds(() -> {
            if (ledger.giveMissingTurns() > 0) {
                loop.wake();
            }
        });
    }

    /** What is under way when the application ends may find the database closed, and nobody has to know. */
    private void unlessItEnds(Runnable chore) {
        if (!active || stopped) {
            return;
        }
        try {
            chore.run();
        } catch (RuntimeException e) {
            if (!stopped) {
                throw e;
            }
        }
    }
}
