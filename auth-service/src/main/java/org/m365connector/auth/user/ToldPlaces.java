package org.m365connector.auth.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.persistence.EntityManager;
import jakarta.transaction.TransactionManager;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.m365connector.auth.portal.PortalEnded;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.outbox.LastPlaces;

/** Which record of a user was the last. One from before it would take the account of somebody who was removed once and came back. */
@ApplicationScoped
class ToldPlaces {

    private final LastPlaces places;
    private final EntityManager entities;

    ToldPlaces(DataSource database, TransactionManager transactions, EntityManager entities) {
        places = new LastPlaces(database, transactions, "user_hash");
        this.entities = entities;
    }

    /** Whether nothing newer has been told of the user; if so, it is the newest now. */
    boolean isNews(PortalId portal, PortalUser user, ConsumerRecord<String, byte[]> record) {
        return places.isNews(portal, user.value(), record);
    }

    void removeAll(@Observes PortalEnded ended) {
        entities.createNativeQuery("delete from told_place where portal_id = ?1")
                .setParameter(1, ended.portal().value())
                .executeUpdate();
    }
}
