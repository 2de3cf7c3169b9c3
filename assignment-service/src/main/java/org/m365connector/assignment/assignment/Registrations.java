package org.m365connector.assignment.assignment;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.Optional;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

@ApplicationScoped
class Registrations implements PanacheRepositoryBase<Registration, Registration.Id> {

    Optional<Registration> findActive(PortalId portal, RegistrationName name) {
        return findByIdOptional(Registration.Id.of(portal, name)).filter(Registration::active);
    }

    /** For changing its assignments. */
    Optional<Registration> findActiveLocked(PortalId portal, RegistrationName name) {
        return findLocked(portal, name).filter(Registration::active);
    }

    Optional<Registration> findLocked(PortalId portal, RegistrationName name) {
        return findByIdOptional(Registration.Id.of(portal, name), LockModeType.PESSIMISTIC_WRITE);
    }

    /** For working out again what users may do under it, also while it ends. */
    Optional<Registration> share(PortalId portal, RegistrationName name) {
        return findByIdOptional(Registration.Id.of(portal, name), LockModeType.PESSIMISTIC_READ);
    }

    /** For changing what may matter for everybody: nobody changes a user meanwhile. */
    List<Registration> lockActive(PortalId portal) {
        return find("id.portalId = ?1 and active order by id.name", portal.value())
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list();
    }

    /** For changing a user: nobody changes assignments meanwhile. */
    List<Registration> shareActive(PortalId portal) {
        return find("id.portalId = ?1 and active order by id.name", portal.value())
                .withLock(LockModeType.PESSIMISTIC_READ)
                .list();
    }
}
