package org.m365connector.outbox;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.TransactionManager;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import javax.sql.DataSource;
import org.m365connector.events.PortalId;

/** Remembers for eight days which events had their effect. Written in the transaction of that effect. */
@ApplicationScoped
public class Inbox {

    private final DataSource database;
    private final TransactionManager transactions;

    /** @param database one whose connections take part in the transactions of the manager */
    public Inbox(DataSource database, TransactionManager transactions) {
        this.database = database;
        this.transactions = transactions;
    }

    /**
     * Notes that the event is being processed in the current transaction. A second transaction with the same event waits
     * here until the first has ended.
     *
     * @return false if the event had its effect before
     * @throws ReusedEventIdException if the event before had other data
     * @throws IllegalStateException outside of a transaction
     */
    public boolean firstTime(EventKey event, byte[] dataHash) {
        OpenTransaction.require(transactions, "The inbox");
        try (var connection = database.getConnection()) {
            if (inserted(connection, event, dataHash)) {
                return true;
            }
            if (!sameData(connection, event, dataHash)) {
                throw new ReusedEventIdException(event);
            }
            return false;
        } catch (SQLException e) {
            throw new DatabaseException("Cannot write the inbox", e);
        }
    }

    private static boolean inserted(Connection connection, EventKey event, byte[] dataHash) throws SQLException {
        String sql = "INSERT INTO inbox (portal, source, id, data_hash) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
        try (var statement = connection.prepareStatement(sql)) {
            statement.setString(1, portal(event));
            statement.setString(2, event.source());
            statement.setString(3, event.id());
            statement.setBytes(4, dataHash);
            return statement.executeUpdate() == 1;
        }
    }

    private static boolean sameData(Connection connection, EventKey event, byte[] dataHash) throws SQLException {
        String sql = "SELECT data_hash FROM inbox WHERE portal = ? AND source = ? AND id = ?";
        try (var statement = connection.prepareStatement(sql)) {
            statement.setString(1, portal(event));
            statement.setString(2, event.source());
            statement.setString(3, event.id());
            try (var rows = statement.executeQuery()) {
                // No row: it was just cleaned away, so it had been there, and eight days are over.
                return !rows.next() || Arrays.equals(dataHash, rows.getBytes(1));
            }
        }
    }

    private static String portal(EventKey event) {
        return event.portal().map(PortalId::value).orElse("");
    }
}
