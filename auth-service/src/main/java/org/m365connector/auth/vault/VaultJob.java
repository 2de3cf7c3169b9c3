package org.m365connector.auth.vault;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;
import org.m365connector.auth.QuietJobs;

/**
 * Looks what the vault's keys have sealed, and seals anew what an older one has. Looks again from time to time: while replicas are
 * exchanged one by one, those with the keyset of before go on sealing with its key.
 */
@ApplicationScoped
class VaultJob {

    private static final Logger LOG = Logger.getLogger(VaultJob.class);
    private static final Duration QUIET = Duration.ofMinutes(5);

    private final Reencryption reencryption;
    private final KeyHistory history;
    private final QuietJobs jobs;
    private final Clock clock;
    private final Map<KeyState, AtomicLong> values = new EnumMap<>(KeyState.class);
    private VaultView view;
    private Instant nextLook = Instant.MIN;
    private long replaced;

    VaultJob(
            Reencryption reencryption,
            KeyHistory history,
            Vault vault,
            QuietJobs jobs,
            Clock clock,
            MeterRegistry meters) {
        this.view = new VaultView.Builder(vault).build();
        this.reencryption = reencryption;
        this.history = history;
        this.jobs = jobs;
        this.clock = clock;
        for (KeyState state : KeyState.values()) {
            AtomicLong value = new AtomicLong();
            values.put(state, value);
            Gauge.builder("m365.vault.values", value, AtomicLong::get)
                    .tag("key", state.slug())
                    .description("Values that are encrypted, by what their key is to this process")
                    .register(meters);
        }
    }

    void start(@Observes StartupEvent event) {
        history.remember();
    }

    @Scheduled(every = "5s", delayed = "1s", concurrentExecution = ConcurrentExecution.SKIP)
    void look() {
        if (clock.instant().isBefore(nextLook)) {
            return;
        }
        jobs.run(this::count);
        long now = view.remaining() > 0 ? sealAnew() : 0;
        tellWhatIsMissing();
        nextLook = now > 0 ? Instant.MIN : clock.instant().plus(QUIET);
    }

    private long sealAnew() {
        if (replaced == 0) {
            LOG.infof("Vault re-encryption begins primary=%s values=%d", view.primary(), view.remaining());
        }
        long now = reencryption.pass(jobs::run);
        replaced += now;
        jobs.run(this::count);
        if (view.remaining() == 0) {
            LOG.infof("Vault re-encryption done primary=%s values=%d", view.primary(), replaced);
            replaced = 0;
        }
        return now;
    }

    private void tellWhatIsMissing() {
        if (view.missing() == 0) {
            return;
        }
        LOG.errorf("Vault key missing, values cannot be opened keys=%s values=%d", view.missingKeys(), view.missing());
        view.lost()
                .forEach(lost -> LOG.errorf(
                        "Vault key missing for column=%s row=%s portal=%s registration=%s owner=%s",
                        lost.column(), lost.row(), lost.portal(), lost.registration(), lost.owner()));
    }

    private void count() {
        view = reencryption.count();
        values.forEach((state, value) -> value.set(view.values(state)));
    }
}
