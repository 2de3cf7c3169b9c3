package org.m365connector.assignment.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.TransactionManager;
import java.time.Instant;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.m365connector.events.PortalId;
import org.m365connector.outbox.LastPlaces;
import org.m365connector.problem.ProblemException;

/**
 * Whether a record still counts. No key of one topic is one of another: a user's has no slash, an account's no colon in front of its
 * first.
 */
@ApplicationScoped
public class ToldPlaces {
    private final GonePortals gone;
    private final LastPlaces places;

    ToldPlaces(GonePortals gone, DataSource database, TransactionManager transactions) {
        this.gone = gone;
        places = new LastPlaces(database, transactions, "key_hash");
    }

    /**
     * Whether nothing newer has been told of the record's key; if so, it is the newest now. Of a portal that is gone nothing is news.
     *
     * <p>The caller shares the portal's lock: what is noted here goes with the portal, and so must what follows from it.
     *
     * @param heardAt by our clock, not before the record came in
     * @throws ProblemException where nobody can know yet whether the portal is gone: the record is to come again
     */
    public boolean isNews(PortalId portal, ConsumerRecord<String, byte[]> record, Instant heardAt) {
        return !gone.wasGone(portal, heardAt) && places.isNews(portal, record.key(), record);
    }
}
