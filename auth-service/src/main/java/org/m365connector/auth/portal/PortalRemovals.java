package org.m365connector.auth.portal;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Clock;
import java.util.List;
import org.hibernate.Session;
import org.m365connector.events.PortalId;

/**
 * Portals that have been removed. What they told before may be read behind that, and would be kept for ever.
 *
 * <p>Locked behind the portal's own row and before its registrations, so that nobody waits in a circle: whoever asks here does not lock the
 * portal afterwards.
 */
@ApplicationScoped
public class PortalRemovals {

    private final EntityManager entities;
    private final Clock clock;

    PortalRemovals(EntityManager entities, Clock clock) {
        this.entities = entities;
        this.clock = clock;
    }

    /**
     * Whether the portal has been removed and was not onboarded again; one that was never there has not been. Nobody removes it until the
     * transaction ends.
     */
    public boolean isRemoved(PortalId portal) {
        List<Boolean> known = shared(portal);
        if (known.isEmpty()) {
            entities.createNativeQuery("insert into portal_removal (portal_id) values (?1) on conflict do nothing")
                    .setParameter(1, portal.value())
                    .executeUpdate();
            known = shared(portal);
        }
        return known.get(0);
    }

    /** Waits for all who have asked for it. */
    void removed(PortalId portal) {
        entities.createNativeQuery("""
                        insert into portal_removal (portal_id, removed_at) values (?1, ?2)
                        on conflict (portal_id) do update set removed_at = excluded.removed_at""")
                .setParameter(1, portal.value())
                .setParameter(2, clock.instant())
                .executeUpdate();
    }

    void onboarded(PortalId portal) {
        entities.createNativeQuery(
                        "update portal_removal set removed_at = null where portal_id = ?1 and removed_at is not null")
                .setParameter(1, portal.value())
                .executeUpdate();
    }

    private List<Boolean> shared(PortalId portal) {
        return entities.unwrap(Session.class)
                .createNativeQuery(
                        "select removed_at is not null from portal_removal where portal_id = ?1 for share",
                        Boolean.class)
                .setParameter(1, portal.value())
                .getResultList();
    }
}
