package org.m365connector.sync.delivery;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.m365connector.sync.delivery.DeliveryLedger.Claimed;
import org.m365connector.sync.delivery.DeliveryLedger.Offered;
import org.m365connector.sync.work.LeaseLostException;

/** Pushes to one portal while there is something to push: several keys at a time, one event of each. No transaction is open then. */
@ApplicationScoped
class DeliveryRunner {
    private static final Logger LOG = Logger.getLogger(DeliveryRunner.class);

    /** Then others have their turn; this portal is due again at once. */
    private static final Duration AT_A_STRETCH = Duration.ofSeconds(10);

    /** Whoever has a free hand looks so often for what has come meanwhile. */
    private static final Duration LOOK = Duration.ofMillis(100);

    private final DeliveryLedger ledger;
    private final PortalEndpoint endpoint;
    private final DeliveryConfig config;
    private volatile boolean stopped;

    DeliveryRunner(DeliveryLedger ledger, PortalEndpoint endpoint, DeliveryConfig config) {
        this.ledger = ledger;
        this.endpoint = endpoint;
        this.config = config;
    }

    void run(Claimed claimed) {
        try {
            push(claimed);
            ledger.rest(claimed);
        } catch (LeaseLostException e) {
            LOG.infof("delivery was changed or taken over by another worker portal=%s", claimed.portal());
        }
    }

    /** No further event is offered by this process. */
    void stop() {
        stopped = true;
    }

    private void push(Claimed claimed) {
        BlockingQueue<Offered> done = new LinkedBlockingQueue<>();
        Set<Long> underWay = new HashSet<>();
        long end = System.nanoTime() + AT_A_STRETCH.toNanos();
        boolean more = true;
        while (more || !underWay.isEmpty()) {
            if (more && underWay.size() < config.parallel()) {
                List<StagedEvent> events = ledger.offerable(claimed, underWay, config.parallel() - underWay.size());
                for (StagedEvent event : events) {
                    long id = event.id();
                    underWay.add(id);
                    var unused = endpoint.offer(claimed, event).thenAccept(answer -> done.add(new Offered(id, answer)));
                }
                if (underWay.isEmpty()) {
                    return;
                }
            }
            List<Offered> offered = take(done);
            if (!offered.isEmpty()) {
                offered.forEach(one -> underWay.remove(one.id()));
                more = ledger.settle(claimed, offered) && !stopped && System.nanoTime() < end;
            }
        }
    }

    private static List<Offered> take(BlockingQueue<Offered> done) {
        List<Offered> taken = new ArrayList<>();
        try {
            Offered first = done.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            if (first != null) {
                taken.add(first);
                done.drainTo(taken);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a portal was called", e);
        }
        return taken;
    }
}
