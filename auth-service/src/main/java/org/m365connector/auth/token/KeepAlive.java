package org.m365connector.auth.token;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;
import org.m365connector.auth.QuietJobs;
import org.m365connector.auth.account.AccountKey;

/**
 * Keeps static accounts alive: nobody notices for weeks that one is no longer used, and then its refresh token has died of
 * idleness. Each is renewed once a day, unless use has done that already; so its death is noticed within a day as well. Every
 * replica looks, {@link TokenIssue} lets one of them ask.
 */
@ApplicationScoped
class KeepAlive {

    private static final Logger LOG = Logger.getLogger(KeepAlive.class);
    /** In one round, so that Entra is not asked for hundreds of accounts at once after a long stop. */
    private static final int AT_ONCE = 10;

    private final TokenStore store;
    private final TokenIssue issue;
    private final KeepAliveSettings settings;
    private final QuietJobs jobs;
    private final Clock clock;

    /** Where the last round ended: what cannot be renewed stays due, and must not keep the others from their turn. */
    private final AtomicLong last = new AtomicLong();

    KeepAlive(TokenStore store, TokenIssue issue, KeepAliveSettings settings, QuietJobs jobs, Clock clock) {
        this.store = store;
        this.issue = issue;
        this.settings = settings;
        this.jobs = jobs;
        this.clock = clock;
    }

    @Scheduled(every = "1m", delayed = "1m", concurrentExecution = ConcurrentExecution.SKIP)
    void renewDue() {
        jobs.run(() -> due().forEach(due -> jobs.run(() -> renew(due.key()))));
    }

    private List<TokenStore.Due> due() {
        List<TokenStore.Due> due =
                store.staticAccountsToRenew(clock.instant(), settings.interval(), last.get(), AT_ONCE);
        last.set(due.size() < AT_ONCE ? 0 : due.get(AT_ONCE - 1).accountId());
        return due;
    }

    private void renew(AccountKey key) {
        try {
            TokenAnswer answer = issue.issue(key, Duration.ofDays(1), Optional.empty());
            if (answer instanceof TokenAnswer.Refused refused) {
                LOG.warnf(
                        "Static account cannot be kept alive account=%s problem=%s",
                        key, refused.problem().slug());
            } else {
                LOG.debugf("Static account kept alive account=%s", key);
            }
        } catch (RuntimeException e) {
            // One account must not keep the others from being renewed.
            LOG.warnf("Static account cannot be kept alive account=%s reason=%s", key, e.toString());
        }
    }
}
