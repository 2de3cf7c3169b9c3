package org.m365connector.outbox;

import jakarta.transaction.TransactionManager;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.m365connector.events.PortalId;

/**
 * Remembers where on its topic the last record stood that counted, for each key of a portal. Records of a topic are worked on side by side,
 * and some day perhaps once more from the first one on, when the inbox has long forgotten them: of one key the last one counts, and what
 * was told in front of it never again. Written in the transaction of the record's effect.
 *
 * <p>The table {@code told_place} is the service's own: {@code portal_id}, a hash of the key, {@code place} and {@code told_at}. Of somebody
 * who has been removed nothing else is kept.
 */
public final class LastPlaces {

    private final DataSource database;
    private final TransactionManager transactions;
    private final String sql;

    /**
     * @param database one whose connections take part in the transactions of the manager
     * @param hashColumn the table's column with the key's SHA-256
     */
    public LastPlaces(DataSource database, TransactionManager transactions, String hashColumn) {
        this.database = database;
        this.transactions = transactions;
        sql = """
                INSERT INTO told_place AS known (portal_id, %1$s, place, told_at)
                VALUES (?, sha256(convert_to(?, 'UTF8')), ?, ?)
                ON CONFLICT (portal_id, %1$s) DO UPDATE SET place = excluded.place, told_at = excluded.told_at
                WHERE excluded.place > known.place OR excluded.told_at > known.told_at""".formatted(hashColumn);
    }

    /**
     * Whether nothing newer has been told of the key; if so, it is the newest now. A topic that was made again, or has more partitions,
     * begins with small offsets at a later time. A second transaction with the same key waits here until the first has ended.
     *
     * @throws IllegalStateException outside of a transaction
     */
    public boolean isNews(PortalId portal, String key, ConsumerRecord<?, ?> record) {
        OpenTransaction.require(transactions, "The place of a record");
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement(sql)) {
            statement.setString(1, portal.value());
            statement.setString(2, key);
            statement.setLong(3, record.offset());
            statement.setTimestamp(4, Timestamp.from(Instant.ofEpochMilli(record.timestamp())));
            return statement.executeUpdate() == 1;
        } catch (SQLException e) {
            throw new DatabaseException("Cannot write the place of a record", e);
        }
    }
}
