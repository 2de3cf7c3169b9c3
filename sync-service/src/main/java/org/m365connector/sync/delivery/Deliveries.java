package org.m365connector.sync.delivery;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.m365connector.events.PortalId;
import org.m365connector.sync.work.LeaseLostException;

/** The table of deliveries. */
@ApplicationScoped
class Deliveries implements PanacheRepositoryBase<Delivery, String> {

    /** Gives a portal to which something is to be pushed to {@code owner}; two workers never get the same. */
    Optional<Delivery> claim(String owner, long leaseMillis) {
        @SuppressWarnings("unchecked")
        List<Delivery> claimed = getEntityManager()
                .createNativeQuery("""
                        update delivery
                        set lease_owner = :owner, lease_expires_at = now() + :lease * interval '1 millisecond'
                        where portal = (
                            select portal from delivery
                            where url is not null and due_at <= now()
                              and (lease_owner is null or lease_expires_at < now())
                            order by due_at limit 1 for update skip locked)
                        returning *
                        """, Delivery.class)
                .setParameter("owner", owner)
                .setParameter("lease", leaseMillis)
                .getResultList();
        return claimed.stream().findFirst();
    }

    Optional<Delivery> of(PortalId portal) {
        return findByIdOptional(portal.value());
    }

    Optional<Delivery> locked(PortalId portal) {
        return findByIdOptional(portal.value(), LockModeType.PESSIMISTIC_WRITE);
    }

    /** The row, locked, provided that its lease is still the owner's. */
    Delivery owned(PortalId portal, String owner) {
        Delivery delivery = locked(portal).orElseThrow(() -> new LeaseLostException("delivery of portal " + portal));
        delivery.requireLease(owner);
        return delivery;
    }

    /** The row, locked; made where it is missing, also where another makes it at the same moment. */
    Delivery lockedOrMade(PortalId portal, Instant now) {
        getEntityManager()
                .createNativeQuery(
                        "insert into delivery (portal, topics, created_at) values (:portal, '', :now) on conflict do nothing")
                .setParameter("portal", portal.value())
                .setParameter("now", now)
                .executeUpdate();
        return locked(portal).orElseThrow();
    }

    /** Without reading the row as an entity: who locks it afterwards must see what is in it then. */
    boolean wants(PortalId portal, String topic) {
        return !getEntityManager()
                .createNativeQuery(
                        "select 1 from delivery where portal = :portal and :topic = any(string_to_array(topics, ','))")
                .setParameter("portal", portal.value())
                .setParameter("topic", topic)
                .getResultList()
                .isEmpty();
    }
}
