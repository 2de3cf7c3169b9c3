package org.m365connector.auth.portal;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.m365connector.auth.AuthProblem;
import org.m365connector.auth.Page;
import org.m365connector.events.PortalId;
import org.m365connector.problem.ProblemException;

/** The portals. */
@ApplicationScoped
public class Portals implements PanacheRepositoryBase<Portal, String> {

    /** @throws ProblemException {@code portal-unknown} */
    public Portal get(PortalId id) {
        return findByIdOptional(id.value()).orElseThrow(() -> unknown(id));
    }

    /** The portal, whose row stays locked until the transaction ends. */
    public Portal getLocked(PortalId id) {
        return findByIdOptional(id.value(), LockModeType.PESSIMISTIC_WRITE).orElseThrow(() -> unknown(id));
    }

    /** The portal, which nobody removes until the transaction ends. */
    public Portal getShared(PortalId id) {
        return findByIdOptional(id.value(), LockModeType.PESSIMISTIC_READ).orElseThrow(() -> unknown(id));
    }

    /** The same as it is now, if it is there. */
    public Optional<Portal> lookUpShared(PortalId id) {
        // What was read before the lock may be of before.
        findByIdOptional(id.value()).ifPresent(getEntityManager()::detach);
        return findByIdOptional(id.value(), LockModeType.PESSIMISTIC_READ);
    }

    boolean exists(PortalId id) {
        return count("id", id.value()) > 0;
    }

    /** Those whose use is limited in some way. */
    public List<PortalId> limited() {
        return list("entitlement is not null", Sort.by("id")).stream()
                .map(Portal::id)
                .toList();
    }

    /** Those that have been ending since before then. */
    List<PortalId> ending(Instant before) {
        return list("endingSince < ?1", Sort.by("endingSince"), before).stream()
                .map(Portal::id)
                .toList();
    }

    Page<Portal> list(Optional<String> after) {
        List<Portal> found = find("id > ?1", Sort.by("id"), after.orElse(""))
                .page(0, Page.LIMIT + 1)
                .list();
        return Page.of(found, portal -> portal.id);
    }

    private static ProblemException unknown(PortalId id) {
        return new ProblemException(AuthProblem.PORTAL_UNKNOWN, id);
    }
}
