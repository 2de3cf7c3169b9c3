package org.m365connector.assignment.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.net.URI;
import java.util.List;
import org.hibernate.Session;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.events.Event;
import org.m365connector.events.PortalId;
import org.m365connector.problem.ProblemException;

/**
 * Remembers the last event about a user, group or role that a REST call has put on its way to the users topic. It comes back to us from there,
 * behind those of the calls before: these must not undo what a later call has done.
 */
@ApplicationScoped
class RestWords {
    private final GonePortals gone;
    private final EntityManager entities;

    RestWords(GonePortals gone, EntityManager entities) {
        this.gone = gone;
        this.entities = entities;
    }

    static URI source(PortalId portal) {
        return URI.create("/m365/" + portal + "/assignment");
    }

    /**
     * A call says it now, unless the portal has ended since the call began: {@code portal-unknown}.
     *
     * @param key of the record on the users topic
     */
    Word given(PortalId portal, String key, Event<?> event) {
        return () -> {
            // It was there when the call began.
            if (gone.isGone(portal)) {
                throw new ProblemException(AssignmentProblem.PORTAL_UNKNOWN, portal);
            }
            entities.createNativeQuery("""
                            insert into told_by_rest (portal_id, record_key, event_id) values (:portal, :key, :event)
                            on conflict (portal_id, record_key) do update set event_id = excluded.event_id""")
                    .setParameter("portal", portal.value())
                    .setParameter("key", key)
                    .setParameter("event", event.id())
                    .executeUpdate();
            return true;
        };
    }

    /** An event has come, from the portal or back from us. */
    Word heard(PortalId portal, String key, Event<?> event) {
        return event.source().equals(source(portal)) ? () -> isLast(portal, key, event.id()) : Word.LAST;
    }

    /** The last one is no longer waited for. */
    private boolean isLast(PortalId portal, String key, String eventId) {
        List<String> last = entities.unwrap(Session.class)
                .createNativeQuery("""
                        select event_id from told_by_rest where portal_id = :portal and record_key = :key for update""", String.class)
                .setParameter("portal", portal.value())
                .setParameter("key", key)
                .getResultList();
        boolean isLast = last.isEmpty() || last.contains(eventId);
        if (isLast) {
            entities.createNativeQuery("delete from told_by_rest where portal_id = :portal and record_key = :key")
                    .setParameter("portal", portal.value())
                    .setParameter("key", key)
                    .executeUpdate();
        }
        return isLast;
    }
}
