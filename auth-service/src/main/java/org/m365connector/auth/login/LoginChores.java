package org.m365connector.auth.login;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Instant;

/** What has to be done from time to time. Every replica does it; none is in another's way. */
@ApplicationScoped
class LoginChores {

    private final DeviceLoginService devices;
    private final Tickets tickets;
    private final Attempts attempts;
    private final DeviceLogins deviceLogins;
    private final LoginSettings settings;
    private final Clock clock;
    private volatile boolean stopping;

    LoginChores(
            DeviceLoginService devices,
            Tickets tickets,
            Attempts attempts,
            DeviceLogins deviceLogins,
            LoginSettings settings,
            Clock clock) {
        this.devices = devices;
        this.tickets = tickets;
        this.attempts = attempts;
        this.deviceLogins = deviceLogins;
        this.settings = settings;
        this.clock = clock;
    }

    @Scheduled(every = "1s", concurrentExecution = ConcurrentExecution.SKIP)
    void askAboutDeviceLogins() {
        if (!stopping) {
            devices.pollDue();
        }
    }

    void stop(@Observes ShutdownEvent event) {
        stopping = true;
    }

    @Scheduled(every = "1h", delayed = "5m", concurrentExecution = ConcurrentExecution.SKIP)
    @Transactional
    void forgetWhatIsOver() {
        Instant before = clock.instant().minus(settings.remember());
        tickets.delete("expiresAt < ?1", before);
        attempts.delete("expiresAt < ?1", before);
        deviceLogins.delete("expiresAt < ?1", before);
    }
}
