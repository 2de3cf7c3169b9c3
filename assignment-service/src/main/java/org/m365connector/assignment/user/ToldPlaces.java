package org.m365connector.assignment.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.m365connector.events.PortalId;
import org.m365connector.problem.ProblemException;

/**
 * Records of a topic are worked on side by side, and some day perhaps once more from the first on. Of one key the last one counts, and
 * what was told in front of it never again. No key of one topic is one of another: a user's has no slash, an account's no colon in front
 * of its first.
 */
@ApplicationScoped
public class ToldPlaces {
    private final GonePortals gone;
    private final EntityManager entities;

    ToldPlaces(GonePortals gone, EntityManager entities) {
        this.gone = gone;
        this.entities = entities;
    }

    /**
     * Whether nothing newer has been told of the record's key; if so, it is the newest now. A topic that was made again, or has more
     * partitions, begins with small offsets at a later time. Of a portal that is gone nothing is news.
     *
     * <p>The caller shares the portal's lock: what is noted here goes with the portal, and so must what follows from it.
     *
     * @param heardAt by our clock, not before the record came in
     * @throws ProblemException where nobody can know yet whether the portal is gone: the record is to come again
     */
    public boolean isNews(PortalId portal, ConsumerRecord<String, byte[]> record, Instant heardAt) {
        return !gone.wasGone(portal, heardAt) && isNewest(portal, record);
    }

    private boolean isNewest(PortalId portal, ConsumerRecord<String, byte[]> record) {
        return entities.createNativeQuery("""
                                insert into told_place as known (portal_id, key_hash, place, told_at)
                                values (:portal, sha256(convert_to(:key, 'UTF8')), :place, :toldAt)
                                on conflict (portal_id, key_hash) do update
                                set place = excluded.place, told_at = excluded.told_at
                                where excluded.place > known.place or excluded.told_at > known.told_at""")
                        .setParameter("portal", portal.value())
                        .setParameter("key", record.key())
                        .setParameter("place", record.offset())
                        .setParameter("toldAt", Instant.ofEpochMilli(record.timestamp()))
                        .executeUpdate()
                > 0;
    }
}
