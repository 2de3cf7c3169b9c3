package org.m365connector.auth.registration;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;
import org.m365connector.auth.QuietJobs;

/**
 * Looks when credentials end: tells it 30, 7 and 1 days ahead and when it has come, and measures
 * {@code m365.credential.expires} (seconds, negative when over) of those that end first and of those that ended within the last
 * 30 days. Every replica looks, it is told once.
 */
@ApplicationScoped
class CredentialExpiry {

    private static final Logger LOG = Logger.getLogger(CredentialExpiry.class);
    /** So that the metrics stay small, however many credentials there are. */
    private static final int MOST_MEASURED = 1000;

    private static final int PART = 200;

    private final CredentialAttentions attentions;
    private final MultiGauge gauge;
    private final QuietJobs jobs;
    private final Clock clock;

    CredentialExpiry(CredentialAttentions attentions, MeterRegistry meters, QuietJobs jobs, Clock clock) {
        this.attentions = attentions;
        this.gauge = MultiGauge.builder("m365.credential.expires")
                .description("Until a credential of a registration ends")
                .baseUnit("seconds")
                .register(meters);
        this.jobs = jobs;
        this.clock = clock;
    }

    @Scheduled(every = "10m", delayed = "30s", concurrentExecution = ConcurrentExecution.SKIP)
    void look() {
        jobs.run(this::lookNow);
    }

    void lookNow() {
        List<CredentialAttentions.Ending> ending = attentions.ending(MOST_MEASURED);
        gauge.register(ending.stream().<MultiGauge.Row<?>>map(this::row).toList(), true);
        for (ExpiryStage stage : ExpiryStage.values()) {
            tellAll(stage);
        }
    }

    /** Part by part: those that cannot be told must not keep the ones behind them from their turn. */
    private void tellAll(ExpiryStage stage) {
        String after = "";
        List<String> part;
        do {
            part = attentions.untold(stage, after, PART);
            part.forEach(this::tell);
            after = part.isEmpty() ? after : part.get(part.size() - 1);
        } while (part.size() == PART);
    }

    private void tell(String credentialId) {
        try {
            attentions.lookAtEnd(credentialId);
        } catch (RuntimeException e) {
            // One must not keep the others from being told. The next look tells it again.
            LOG.warnf("End of a credential cannot be told credential=%s reason=%s", credentialId, e.toString());
        }
    }

    private MultiGauge.Row<?> row(CredentialAttentions.Ending credential) {
        return MultiGauge.Row.of(
                Tags.of(
                        "portal",
                        credential.portal().value(),
                        "registration",
                        credential.registration().value(),
                        "credential",
                        credential.credentialId()),
                () -> Duration.between(clock.instant(), credential.end()).toSeconds());
    }
}
