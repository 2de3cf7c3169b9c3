package org.m365connector.outbox;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.postgresql.PGConnection;

/** Waits for new rows: LISTEN on the schema's channel, over a connection of its own. */
final class Wakeup implements AutoCloseable {

    private final DataSource database;
    private Connection connection;

    Wakeup(DataSource database) {
        this.database = database;
    }

    /** Returns when a row was added, or at the latest after that time. */
    void await(Duration atMost) throws SQLException {
        if (connection == null) {
            listen();
            // What was added before we listened has rung for nobody, so the caller looks once more at once.
            return;
        }
        try {
            connection.unwrap(PGConnection.class).getNotifications(Math.toIntExact(Math.max(1, atMost.toMillis())));
        } catch (SQLException e) {
            close();
            throw e;
        }
    }

    /** Wakes whoever waits. */
    static void ring(DataSource database) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute("SELECT pg_notify('outbox.' || current_schema(), '')");
        }
    }

    private void listen() throws SQLException {
        Connection fresh = database.getConnection();
        try (var statement = fresh.createStatement();
                var rows = statement.executeQuery("SELECT quote_ident('outbox.' || current_schema())")) {
            rows.next();
            String channel = rows.getString(1);
            statement.execute("LISTEN " + channel);
            connection = fresh;
        } catch (SQLException e) {
            fresh.close();
            throw e;
        }
    }

    @Override
    public void close() throws SQLException {
        Connection old = connection;
        connection = null;
        if (old != null) {
            try (old;
                    var statement = old.createStatement()) {
                // A pooled connection goes on living; it must not listen for whoever gets it next.
                statement.execute("UNLISTEN *");
            }
        }
    }
}
