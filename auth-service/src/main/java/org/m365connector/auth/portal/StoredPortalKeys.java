package org.m365connector.auth.portal;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Optional;
import org.m365connector.access.PortalKeys;
import org.m365connector.events.PortalId;

/**
 * The keys of all portals. Read from the database for every call of a portal, so that a key that is deleted, or of a portal that
 * ends, is out at once.
 */
@ApplicationScoped
class StoredPortalKeys implements PortalKeys, PanacheRepositoryBase<PortalKey, String> {

    @Override
    @Transactional
    public Optional<PortalId> portalOf(String keyHash) {
        return find(
                        "hash = ?1 and portalId in (select portal.id from Portal portal where portal.endingSince is null)",
                        keyHash)
                .firstResultOptional()
                .map(key -> new PortalId(key.portalId));
    }

    List<PortalKey> of(PortalId portal) {
        return list("portalId", Sort.by("createdAt", "id"), portal.value());
    }

    List<String> hashesOf(PortalId portal) {
        return of(portal).stream().map(key -> key.hash).toList();
    }
}
