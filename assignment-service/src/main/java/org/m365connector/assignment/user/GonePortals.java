package org.m365connector.assignment.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.hibernate.Session;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRecord;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;
import org.m365connector.view.Views;

/**
 * Portals whose end has been heard of. It comes on another topic than what is told of their people and registrations, so some of that may be
 * read behind it, and would be kept for ever. That a portal has been onboarded again the view of portals knows, once it has heard
 * enough.
 *
 * <p>Asked under the portal's lock: who forgets the portal has it alone.
 */
@ApplicationScoped
public class GonePortals {
    /** Portals are few: soon after Kafka is there all have been read. */
    private static final int READING_SECONDS = 5;

    private final EntityManager entities;
    private final Views views;

    GonePortals(EntityManager entities, Views views) {
        this.entities = entities;
        this.views = views;
    }

    /** With the version of its end; empty where it had none. */
    private record Gone(OptionalLong version) {}

    /** The caller has the portal's lock alone. */
    void note(PortalId portal, OptionalLong version) {
        entities.createNativeQuery("""
                        update portal set gone = true, gone_version = cast(:version as bigint) where portal_id = :portal""")
                .setParameter("version", version.isPresent() ? Long.toString(version.getAsLong()) : null)
                .setParameter("portal", portal.value())
                .executeUpdate();
    }

    /**
     * Whether it is gone, for a call that found it there when it began.
     *
     * @throws ProblemException {@code change-under-way} where the view shows it as it was before its end; {@code unavailable} where it
     *     shows nothing yet: the call found nobody to ask then, and the portal may have been onboarded again
     */
    boolean isGone(PortalId portal) {
        var gone = find(portal);
        if (gone.isEmpty() || isThereAgain(portal, gone.get())) {
            return false;
        }
        if (!views.portals().ready()) {
            throw new ProblemException(RequestProblem.UNAVAILABLE)
                    .withHeader("Retry-After", Integer.toString(READING_SECONDS));
        }
        if (views.portals().get(portal.value()).isPresent()) {
            throw Turnstile.underWay();
        }
        return true;
    }

    /**
     * Whether it was gone when a record about it came in, and had not been onboarded again.
     *
     * @param heardAt by our clock, not before the record came in
     * @throws ProblemException {@code change-under-way} where the view does not reach that moment yet: the record is to come again
     */
    boolean wasGone(PortalId portal, Instant heardAt) {
        var gone = find(portal);
        if (gone.isEmpty() || isThereAgain(portal, gone.get())) {
            return false;
        }
        if (!views.portals().isCompleteAsOf(heardAt)) {
            throw Turnstile.underWay();
        }
        return !isThereAgain(portal, gone.get());
    }

    /** Whether this end of it has been noted, or one that came later. Of one without a version nobody knows. */
    public boolean isCarriedOut(PortalId portal, OptionalLong version) {
        return version.isPresent() && isOfBefore(portal, version.getAsLong());
    }

    /** Whether a record of one of its registrations is from before the portal's end. All that auth-service tells has versions of one sequence. */
    public boolean isOfBefore(PortalId portal, long version) {
        return find(portal)
                .filter(gone ->
                        gone.version().isPresent() && version <= gone.version().getAsLong())
                .isPresent();
    }

    private boolean isThereAgain(PortalId portal, Gone gone) {
        return views.portals()
                .get(portal.value())
                .map(PortalRecord::version)
                .filter(version ->
                        gone.version().isEmpty() || version > gone.version().getAsLong())
                .isPresent();
    }

    private Optional<Gone> find(PortalId portal) {
        List<Object[]> rows = entities.unwrap(Session.class)
                .createNativeQuery("select gone, gone_version from portal where portal_id = :portal", Object[].class)
                .setParameter("portal", portal.value())
                .getResultList();
        return rows.stream().filter(row -> (Boolean) row[0]).findFirst().map(row -> new Gone(version(row[1])));
    }

    private static OptionalLong version(Object column) {
        return column == null ? OptionalLong.empty() : OptionalLong.of(((Number) column).longValue());
    }
}
