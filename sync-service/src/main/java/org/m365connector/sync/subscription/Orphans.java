package org.m365connector.sync.subscription;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.m365connector.sync.graph.Acting;
import org.m365connector.sync.graph.GraphException;

/**
 * Deletes subscriptions at Graph that report to our door and that no container has: what a crash, a restored backup or a watch that
 * could not be ended has left behind. Looked for after a renewal, as the account that has just renewed, so that it costs one look
 * more a day for each account, however many mailboxes it looks after, spread as the renewals are.
 */
@ApplicationScoped
class Orphans {
    private static final Logger LOG = Logger.getLogger(Orphans.class);
    private static final Duration AGAIN_AFTER = Duration.ofDays(1);

    private final SubscriptionLedger ledger;
    private final MeterRegistry meters;
    private final Clock clock;
    private final Map<Acting, Instant> looked = new ConcurrentHashMap<>();

    Orphans(SubscriptionLedger ledger, MeterRegistry meters, Clock clock) {
        this.ledger = ledger;
        this.meters = meters;
        this.clock = clock;
    }

    void look(Acting acting, GraphSubscriptions subscriptions) {
        Instant now = clock.instant();
        looked.values().removeIf(before -> before.plus(AGAIN_AFTER).isBefore(now));
        if (looked.putIfAbsent(acting.caller(), now) != null) {
            return;
        }
        try {
            // Graph is asked first: what is made from here on is not among them.
            List<String> orphans = ledger.orphans(subscriptions.all());
            orphans.forEach(subscriptions::delete);
            if (!orphans.isEmpty()) {
                meters.counter("m365.sync.subscriptions.orphans").increment(orphans.size());
                LOG.infof(
                        "subscriptions that nobody has were deleted portal=%s registration=%s count=%d",
                        acting.portal(), acting.registration(), orphans.size());
            }
        } catch (GraphException e) {
            LOG.debugf("no look for orphans portal=%s failure=%s", acting.portal(), e.failure());
        }
    }
}
