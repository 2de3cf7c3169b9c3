package org.m365connector.assignment.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.util.List;
import org.m365connector.events.PortalId;

/**
 * Keeps those apart who change which registrations a portal has, and those who write something for all of them. Always
 * taken first, then registrations by name, then users, so that nobody waits in a circle. Held until the transaction ends.
 */
@ApplicationScoped
public class PortalLock {
    private final EntityManager entities;
    private final Turnstile turnstile;

    PortalLock(EntityManager entities, Turnstile turnstile) {
        this.entities = entities;
        this.turnstile = turnstile;
    }

    /** The portal's registrations stay what they are; others may share this. */
    public void share(PortalId portal) {
        turnstile.share(portal, List.of("portal " + portal));
        lock(portal, "for share");
    }

    /** Nobody else writes anything of this portal. */
    public void exclude(PortalId portal) {
        turnstile.alone(portal, List.of("portal " + portal));
        lock(portal, "for update");
    }

    private void lock(PortalId portal, String mode) {
        var select = entities.createNativeQuery(
                "select portal_id from portal where portal_id = :portal " + mode, String.class);
        select.setParameter("portal", portal.value());
        if (select.getResultList().isEmpty()) {
            entities.createNativeQuery("insert into portal (portal_id) values (:portal) on conflict do nothing")
                    .setParameter("portal", portal.value())
                    .executeUpdate();
            select.getResultList();
        }
    }
}
