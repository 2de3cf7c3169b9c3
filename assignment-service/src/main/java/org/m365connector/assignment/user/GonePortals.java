package org.m365connector.assignment.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.hibernate.Session;
import org.m365connector.events.PortalId;
import org.m365connector.problem.ProblemException;
import org.m365connector.view.Views;

/**
 * Portals whose end has been heard of. It comes on another topic than what is told of their people, so some of that may be read behind it,
 * and would be kept for ever. A portal that has been onboarded again is known by the view of portals, once that has heard enough.
 *
 * <p>Asked under the portal's lock: who forgets the portal has it alone.
 */
@ApplicationScoped
class GonePortals {
    /** A view makes sure every few seconds that it is complete. */
    private static final Duration UNTIL_THE_VIEW_KNOWS = Duration.ofSeconds(10);

    /** By how much the clock of whoever wrote a record may be behind ours. */
    private static final Duration CLOCKS_APART = Duration.ofMinutes(1);

    private final EntityManager entities;
    private final Views views;
    private final Clock clock;

    GonePortals(EntityManager entities, Views views, Clock clock) {
        this.entities = entities;
        this.views = views;
        this.clock = clock;
    }

    /** The caller has the portal's lock alone. */
    void note(PortalId portal) {
        entities.createNativeQuery("update portal set gone_at = :now where portal_id = :portal")
                .setParameter("now", clock.instant())
                .setParameter("portal", portal.value())
                .executeUpdate();
    }

    /**
     * Whether it is gone, as far as has been heard here.
     *
     * @throws ProblemException {@code change-under-way} where the view is behind
     */
    boolean isGone(PortalId portal) {
        var goneAt = goneAt(portal);
        if (goneAt.isEmpty()) {
            return false;
        }
        // Another replica may have heard of the end before our view did.
        awaitView(goneAt.get());
        return views.portals().get(portal.value()).isEmpty();
    }

    /**
     * Whether it was gone when that was told of it, and is not there again.
     *
     * @param toldAt by the clock of who wrote it
     * @throws ProblemException {@code change-under-way} where the view is behind: the record is to come again
     */
    boolean isGone(PortalId portal, Instant toldAt) {
        if (!isGone(portal)) {
            return false;
        }
        // Onboarded again it was before that was told, but we may not have heard of it.
        var now = clock.instant();
        var latest = toldAt.plus(CLOCKS_APART);
        awaitView(latest.isBefore(now) ? latest : now);
        return views.portals().get(portal.value()).isEmpty();
    }

    private Optional<Instant> goneAt(PortalId portal) {
        List<Instant> known = entities.unwrap(Session.class)
                .createNativeQuery(
                        "select gone_at from portal where portal_id = :portal and gone_at is not null", Instant.class)
                .setParameter("portal", portal.value())
                .getResultList();
        return known.stream().findFirst();
    }

    private void awaitView(Instant asOf) {
        try {
            if (!views.portals().awaitComplete(asOf, UNTIL_THE_VIEW_KNOWS)) {
                throw Turnstile.underWay();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("stopped while the view of portals was behind", e);
        }
    }
}
