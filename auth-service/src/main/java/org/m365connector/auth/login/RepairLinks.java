package org.m365connector.auth.login;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import org.jboss.logging.Logger;
import org.m365connector.auth.QuietJobs;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.account.Reasons;
import org.m365connector.auth.portal.Portals;

/**
 * A static account that needs somebody to sign in has nobody who would notice: its portal is sent a link by itself, and a new
 * one as often as the last was used in vain or has run out.
 */
@ApplicationScoped
class RepairLinks {

    private static final Logger LOG = Logger.getLogger(RepairLinks.class);

    private static final int AT_ONCE = 20;

    private final Portals portals;
    private final Tickets tickets;
    private final TicketService service;
    private final LoginSettings settings;
    private final QuietJobs jobs;
    private final Clock clock;

    RepairLinks(
            Portals portals,
            Tickets tickets,
            TicketService service,
            LoginSettings settings,
            QuietJobs jobs,
            Clock clock) {
        this.portals = portals;
        this.tickets = tickets;
        this.service = service;
        this.settings = settings;
        this.jobs = jobs;
        this.clock = clock;
    }

    private record Dead(AccountKey key, String reason) {}

    @Scheduled(every = "5s", delayed = "5s", concurrentExecution = ConcurrentExecution.SKIP)
    void giveOut() {
        jobs.run(() -> dead().forEach(dead -> jobs.run(() -> giveOut(dead))));
    }

    private List<Dead> dead() {
        return QuarkusTransaction.requiringNew()
                .call(() ->
                        tickets
                                .staticsWithoutLink(clock.instant().plus(settings.reuseAbove()), clock.instant())
                                .stream()
                                // Those of a portal that is not entitled would be refused, time and again before all
                                // others.
                                .filter(account -> portals.get(account.key().portal())
                                        .entitled()
                                        .isValid(clock.instant()))
                                .limit(AT_ONCE)
                                .map(account ->
                                        new Dead(account.key(), account.reason().orElse(Reasons.LOGIN_REQUIRED)))
                                .toList());
    }

    private void giveOut(Dead dead) {
        try {
            service.forWhoeverNeedsIt(dead.key(), dead.reason());
        } catch (RuntimeException e) {
            LOG.warnf("No link for a static account account=%s reason=%s", dead.key(), e.toString());
        }
    }
}
