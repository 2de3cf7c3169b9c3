package org.m365connector.auth.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.m365connector.auth.portal.PortalEnded;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;

/**
 * A topic may some day be read once more from the first record on, when the inbox has long forgotten them. Of one user the last one counts,
 * and what was told in front of it never again: or who was removed once and came back would lose his account.
 */
@ApplicationScoped
class ToldPlaces {

    private final EntityManager entities;

    ToldPlaces(EntityManager entities) {
        this.entities = entities;
    }

    /**
     * Whether nothing newer has been told of the user; if so, it is the newest now. A topic that was made again, or has more partitions,
     * begins with small offsets at a later time.
     */
    boolean isNews(PortalId portal, PortalUser user, ConsumerRecord<String, byte[]> record) {
        return entities.createNativeQuery("""
                                insert into told_place as known (portal_id, user_hash, place, told_at)
                                values (?1, sha256(convert_to(?2, 'UTF8')), ?3, ?4)
                                on conflict (portal_id, user_hash) do update
                                set place = excluded.place, told_at = excluded.told_at
                                where excluded.place > known.place or excluded.told_at > known.told_at""")
                        .setParameter(1, portal.value())
                        .setParameter(2, user.value())
                        .setParameter(3, record.offset())
                        .setParameter(4, Instant.ofEpochMilli(record.timestamp()))
                        .executeUpdate()
                > 0;
    }

    void removeAll(@Observes PortalEnded ended) {
        entities.createNativeQuery("delete from told_place where portal_id = ?1")
                .setParameter(1, ended.portal().value())
                .executeUpdate();
    }
}
