package org.m365connector.auth.login;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import org.m365connector.auth.QuietJobs;

/** What has to be done from time to time. Every replica does it; none is in another's way. */
@ApplicationScoped
class LoginChores {

    private final DeviceLoginService devices;
    private final LoginService logins;
    private final Tickets tickets;
    private final Attempts attempts;
    private final DeviceLogins deviceLogins;
    private final Consents consents;
    private final LoginSettings settings;
    private final QuietJobs jobs;
    private final Clock clock;

    LoginChores(
            DeviceLoginService devices,
            LoginService logins,
            Tickets tickets,
            Attempts attempts,
            DeviceLogins deviceLogins,
            Consents consents,
            LoginSettings settings,
            QuietJobs jobs,
            Clock clock) {
        this.devices = devices;
        this.logins = logins;
        this.tickets = tickets;
        this.attempts = attempts;
        this.deviceLogins = deviceLogins;
        this.consents = consents;
        this.settings = settings;
        this.jobs = jobs;
        this.clock = clock;
    }

    @Scheduled(every = "1s", concurrentExecution = ConcurrentExecution.SKIP)
    void askAboutDeviceLogins() {
        jobs.run(devices::pollDue);
    }

    /** Somebody closed the window: his portal hears that nothing came of it. */
    @Scheduled(every = "30s", delayed = "30s", concurrentExecution = ConcurrentExecution.SKIP)
    void endAbandonedLogins() {
        jobs.run(logins::endAbandoned);
    }

    @Scheduled(every = "1h", delayed = "5m", concurrentExecution = ConcurrentExecution.SKIP)
    void forgetWhatIsOver() {
        jobs.run(() -> QuarkusTransaction.requiringNew().run(this::forget));
    }

    private void forget() {
        Instant before = clock.instant().minus(settings.remember());
        tickets.delete("expiresAt < ?1", before);
        attempts.delete("expiresAt < ?1", before);
        deviceLogins.delete("expiresAt < ?1", before);
        consents.delete("expiresAt < ?1", before);
    }
}
