package org.m365connector.sync.delivery;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.PortalState;
import org.m365connector.outbox.Outbox;
import org.m365connector.sync.entitlement.Entitlements;
import org.m365connector.sync.portal.PortalEnded;
import org.m365connector.sync.work.Backoff;
import org.m365connector.sync.work.Leases;
import org.m365connector.view.Views;

/**
 * The transactions of pushing. An event is removed only when the portal has taken it: killed in between, it is offered again, with
 * the same id.
 */
@ApplicationScoped
class DeliveryLedger {
    private static final Logger LOG = Logger.getLogger(DeliveryLedger.class);
    private static final int IN_SLICES_OF = 200;

    private final Deliveries deliveries;
    private final StagedEvents events;
    private final ApiKeys keys;
    private final Outbox outbox;
    private final Leases leases;
    private final Views views;
    private final DeliveryConfig config;
    private final MeterRegistry meters;
    private final Clock clock;
    private final Backoff backoff;

    DeliveryLedger(
            Deliveries deliveries,
            StagedEvents events,
            ApiKeys keys,
            Outbox outbox,
            Leases leases,
            Views views,
            DeliveryConfig config,
            MeterRegistry meters,
            Clock clock) {
        this.deliveries = deliveries;
        this.events = events;
        this.keys = keys;
        this.outbox = outbox;
        this.leases = leases;
        this.views = views;
        this.config = config;
        this.meters = meters;
        this.clock = clock;
        this.backoff = new Backoff(config.firstBackoff(), config.longestBackoff());
    }

    /** A portal to which its holder alone may push. */
    record Claimed(String owner, PortalId portal, URI url, String apiKey) {
        @Override
        public String toString() {
            return "Claimed[owner=" + owner + ", portal=" + portal + ", url=" + url + "]";
        }
    }

    /** An event that was offered, and what came of it. */
    record Offered(long id, Answer answer) {}

    /** @return empty where nothing is due; what may not be called is passed over and does not hold up the others */
    @Transactional(TxType.REQUIRES_NEW)
    Optional<Claimed> claim() {
        String owner = leases.newOwner();
        for (int passed = 0; passed < IN_SLICES_OF; passed++) {
            Optional<Delivery> found = deliveries.claim(owner, config.lease().toMillis());
            if (found.isEmpty()) {
                return Optional.empty();
            }
            Optional<Claimed> claimed = callable(owner, found.get());
            if (claimed.isPresent()) {
                return claimed;
            }
            deliveries.flush();
        }
        return Optional.empty();
    }

    private Optional<Claimed> callable(String owner, Delivery delivery) {
        PortalId portal = delivery.portal();
        String url = delivery.url().orElseThrow();
        // Asked each time: what the administrator takes from the portal's origins is called no more.
        boolean allowed = views.portals()
                .get(portal.value())
                .filter(record -> record.state() == PortalState.ACTIVE)
                .map(PortalRecord::origins)
                .filter(origins -> Target.of(url).liesIn(origins))
                .isPresent();
        Optional<String> apiKey = delivery.apiKey().flatMap(encrypted -> keys.open(portal, url, encrypted));
        if (!allowed || apiKey.isEmpty()) {
            String why = allowed
                    ? "the api key cannot be opened, set it again"
                    : "the url lies in none of the portal's origins";
            delivery.forbidden(why, clock.instant().plus(Entitlements.LOOK_AGAIN));
            return Optional.empty();
        }
        return Optional.of(new Claimed(owner, portal, URI.create(url), apiKey.get()));
    }

    @Transactional(TxType.REQUIRES_NEW)
    List<StagedEvent> offerable(Claimed claimed, Collection<Long> but, int limit) {
        return events.offerable(
                claimed.portal(), claimed.owner(), config.callTimeout().toMillis(), but, limit);
    }

    /** @return whether the portal may be offered more now */
    @Transactional(TxType.REQUIRES_NEW)
    boolean settle(Claimed claimed, List<Offered> offered) {
        Delivery delivery = deliveries.owned(claimed.portal(), claimed.owner());
        Instant now = clock.instant();
        for (Offered one : offered) {
            meters.counter("m365.sync.deliveries", "end", one.answer().end()).increment();
            StagedEvent event = events.findById(one.id());
            if (event != null) {
                settle(delivery, event, one.answer(), now);
            }
        }
        return !delivery.paused(now);
    }

    private void settle(Delivery delivery, StagedEvent event, Answer answer, Instant now) {
        if (answer instanceof Answer.Taken) {
            delivery.taken(now);
            events.remove(event, now);
            return;
        }
        if (answer instanceof Answer.Away gone) {
            delivery.away(gone, now, backoff);
        } else {
            delivery.refused(answer);
        }
        event.failed(answer, now, backoff);
        event.givenUp(answer, now, config).ifPresent(why -> giveUp(event, why, now));
    }

    private void giveUp(StagedEvent event, String why, Instant now) {
        outbox.deadLetter(event.record(), why);
        events.remove(event, now);
        meters.counter("m365.sync.delivery.dead.letters").increment();
        LOG.warnf(
                "event not delivered, put aside topic=%s partition=%d offset=%d reason=%s",
                event.record().topic(),
                event.record().partition(),
                event.record().offset(),
                why);
    }

    /** Nothing more is pushed for now. */
    @Transactional(TxType.REQUIRES_NEW)
    void rest(Claimed claimed) {
        Delivery delivery = deliveries.owned(claimed.portal(), claimed.owner());
        delivery.rest(events.nextAttempt(claimed.portal()), clock.instant());
    }

    @Transactional(TxType.REQUIRES_NEW)
    long waitingToBePushed() {
        return events.waitingToBePushed();
    }

    /** Portals for which something has waited too long. */
    @Transactional(TxType.REQUIRES_NEW)
    List<PortalId> portalsWithOld() {
        return events.portalsOfOlder(clock.instant().minus(config.keep()));
    }

    /**
     * What has waited too long goes: to the dead letter where it was to be pushed, away where nobody has asked for it.
     *
     * @return whether there may be more
     */
    @Transactional(TxType.REQUIRES_NEW)
    boolean giveUpOld(PortalId portal) {
        Optional<Delivery> delivery = deliveries.locked(portal);
        Instant now = clock.instant();
        List<StagedEvent> old =
                delivery.isEmpty() ? List.of() : events.older(portal, now.minus(config.keep()), IN_SLICES_OF);
        for (StagedEvent event : old) {
            if (delivery.get().url().isPresent()) {
                giveUp(event, "the portal did not take it for " + config.keep(), now);
            } else {
                events.remove(event, now);
            }
        }
        return old.size() == IN_SLICES_OF;
    }

    /** Nothing is left of the life that is over. What was set since stays, without what had come before that. */
    @Transactional(TxType.MANDATORY)
    void ended(@Observes PortalEnded end) {
        deliveries.locked(end.portal()).ifPresent(delivery -> {
            if (delivery.isOfLifeUntil(end.version())) {
                deliveries.delete(delivery);
            } else {
                events.removeOfLifeUntil(end.portal(), end.version(), clock.instant());
                delivery.due(clock.instant());
            }
        });
    }

    /** Whoever has set it before there was a note of lives has done so in this one. */
    @Transactional(TxType.REQUIRES_NEW)
    void noteLife(PortalId portal, long version) {
        deliveries.locked(portal).ifPresent(delivery -> {
            delivery.noteLife(version);
            events.noteLife(portal, version);
        });
    }

    /** Of portals that have been taken down nothing is left. */
    @Transactional(TxType.REQUIRES_NEW)
    void forget(PortalId portal) {
        deliveries.locked(portal).ifPresent(deliveries::delete);
    }

    @Transactional(TxType.REQUIRES_NEW)
    List<PortalId> portals() {
        return deliveries.listAll().stream().map(Delivery::portal).toList();
    }

    @Transactional(TxType.REQUIRES_NEW)
    List<PortalId> portalsOfUnknownLife() {
        return deliveries.list("portalVersion is null").stream()
                .map(Delivery::portal)
                .toList();
    }
}
