package org.m365connector.auth.portal;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.m365connector.auth.QuietJobs;

/** What ends although nobody has reported its subscriptions as gone. Every replica does it; none is in another's way. */
@ApplicationScoped
public class OverdueEndings {

    private final EndingSettings settings;
    private final QuietJobs jobs;
    private final Clock clock;

    OverdueEndings(EndingSettings settings, QuietJobs jobs, Clock clock) {
        this.settings = settings;
        this.jobs = jobs;
        this.clock = clock;
    }

    /**
     * @param endingSince finds what has been ending since before then, in a transaction
     * @param finish is done with each of them, outside of it
     */
    public <T> void finish(Function<Instant, List<T>> endingSince, Consumer<T> finish) {
        jobs.run(() -> QuarkusTransaction.requiringNew()
                .call(() -> endingSince.apply(clock.instant().minus(settings.within())))
                .forEach(finish));
    }
}
