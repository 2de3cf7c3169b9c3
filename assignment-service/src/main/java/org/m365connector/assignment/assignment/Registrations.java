package org.m365connector.assignment.assignment;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.Optional;
import org.m365connector.assignment.user.Turnstile;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

@ApplicationScoped
class Registrations implements PanacheRepositoryBase<Registration, Registration.Id> {
    private final Turnstile turnstile;

    Registrations(Turnstile turnstile) {
        this.turnstile = turnstile;
    }

    Optional<Registration> findActive(PortalId portal, RegistrationName name) {
        return findByIdOptional(Registration.Id.of(portal, name)).filter(Registration::active);
    }

    /** For changing what several users share of its assignments. */
    Optional<Registration> findActiveLocked(PortalId portal, RegistrationName name) {
        return findLocked(portal, name).filter(Registration::active);
    }

    Optional<Registration> findLocked(PortalId portal, RegistrationName name) {
        turnstile.alone(portal, List.of(gate(portal, name)));
        return findByIdOptional(Registration.Id.of(portal, name), LockModeType.PESSIMISTIC_WRITE);
    }

    /** For changing a single user's own rule: nobody changes what others share meanwhile. */
    Optional<Registration> shareActive(PortalId portal, RegistrationName name) {
        return share(portal, name).filter(Registration::active);
    }

    /** For working out again what users may do under it, also while it ends. */
    Optional<Registration> share(PortalId portal, RegistrationName name) {
        turnstile.share(portal, List.of(gate(portal, name)));
        return findByIdOptional(Registration.Id.of(portal, name), LockModeType.PESSIMISTIC_READ);
    }

    /** For changing what may matter for everybody: nobody changes a user meanwhile. */
    List<Registration> lockActive(PortalId portal) {
        turnstile.alone(portal, gates(portal));
        return find("id.portalId = ?1 and active order by id.name", portal.value())
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list();
    }

    /** Also those that have ended. Whoever has the portal to himself changes them. */
    List<Registration> all(PortalId portal) {
        return list("id.portalId = ?1 order by id.name", portal.value());
    }

    /** For changing a user: nobody changes assignments meanwhile. */
    List<Registration> shareActive(PortalId portal) {
        turnstile.share(portal, gates(portal));
        return find("id.portalId = ?1 and active order by id.name", portal.value())
                .withLock(LockModeType.PESSIMISTIC_READ)
                .list();
    }

    /** Which ones there are nobody changes: the caller has the portal's lock. */
    private List<String> gates(PortalId portal) {
        return getEntityManager()
                .createQuery("select id.name from Registration where id.portalId = :portal and active", String.class)
                .setParameter("portal", portal.value())
                .getResultStream()
                .map(name -> gate(portal, new RegistrationName(name)))
                .toList();
    }

    private static String gate(PortalId portal, RegistrationName name) {
        return "registration " + portal + "/" + name;
    }
}
