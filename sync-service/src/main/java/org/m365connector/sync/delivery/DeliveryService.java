package org.m365connector.sync.delivery;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.Topics;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;
import org.m365connector.sync.SyncProblem;
import org.m365connector.sync.portal.PortalLives;
import org.m365connector.view.Views;

/** How portals want their events, and what waits for them. */
@ApplicationScoped
class DeliveryService {
    private final Deliveries deliveries;
    private final StagedEvents events;
    private final ApiKeys keys;
    private final Views views;
    private final PortalLives lives;
    private final Clock clock;

    DeliveryService(
            Deliveries deliveries, StagedEvents events, ApiKeys keys, Views views, PortalLives lives, Clock clock) {
        this.deliveries = deliveries;
        this.events = events;
        this.keys = keys;
        this.views = views;
        this.lives = lives;
        this.clock = clock;
    }

    @Transactional
    DeliveryView set(PortalId portal, DeliveryRequest request) {
        List<String> origins =
                views.portals().get(portal.value()).map(PortalRecord::origins).orElse(List.of());
        Optional<String> url =
                request.target(origins).map(target -> target.url().toString());
        Set<DeliveredTopic> wanted = request.wanted();
        Delivery delivery = deliveries.lockedOrMade(portal, clock.instant());
        delivery.set(
                url,
                url.map(to -> keys.seal(portal, to, request.apiKey().orElseThrow())),
                wanted,
                lives.version(portal),
                clock.instant());
        return view(delivery);
    }

    @Transactional
    Optional<DeliveryView> get(PortalId portal) {
        return deliveries.of(portal).map(this::view);
    }

    /** What waits goes with it. */
    @Transactional
    boolean remove(PortalId portal) {
        Optional<Delivery> delivery = deliveries.locked(portal);
        delivery.ifPresent(deliveries::delete);
        return delivery.isPresent();
    }

    /** Whether anybody wants to have this record. */
    @Transactional(TxType.MANDATORY)
    boolean isWanted(ConsumerRecord<String, byte[]> record) {
        return Topics.portalOf(record.topic())
                .filter(portal ->
                        deliveries.wants(portal, Topics.kindOf(record.topic()).orElse("")))
                .isPresent();
    }

    /** Keeps a record until the portal has it. */
    @Transactional(TxType.MANDATORY)
    void stage(ConsumerRecord<String, byte[]> record) {
        PortalId portal = Topics.portalOf(record.topic()).orElseThrow();
        deliveries.locked(portal).ifPresent(delivery -> {
            Instant now = clock.instant();
            StagedEvent event = StagedEvent.of(delivery, record, now);
            events.add(event);
            if (event.turn) {
                delivery.due(now);
            }
        });
    }

    /**
     * What has come behind that event.
     *
     * @throws ProblemException {@code not-found} where nobody has asked to keep anything, {@code events-are-pushed}
     */
    @Transactional(TxType.REQUIRES_NEW)
    List<StagedEvent> after(PortalId portal, long id, int limit) {
        Delivery delivery = deliveries.of(portal).orElseThrow(() -> new ProblemException(RequestProblem.NOT_FOUND));
        if (delivery.url().isPresent()) {
            throw new ProblemException(SyncProblem.EVENTS_ARE_PUSHED);
        }
        return events.after(portal, id, limit);
    }

    private DeliveryView view(Delivery delivery) {
        boolean pushes = delivery.url().isPresent();
        boolean well = delivery.problem().isEmpty();
        String state = pushes ? well ? "pushing" : "waiting" : "collecting";
        return new DeliveryView(
                state,
                delivery.url(),
                delivery.topics(),
                events.waiting(delivery.portal()),
                events.oldest(delivery.portal()),
                delivery.lastDeliveredAt(),
                delivery.pausedUntil().filter(until -> until.isAfter(clock.instant())),
                delivery.problem());
    }
}
