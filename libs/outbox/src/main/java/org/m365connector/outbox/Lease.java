package org.m365connector.outbox;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * Who relays at the moment: a row with an end, in the database's time. A row and not a lock of a session, since a process
 * that is stopped keeps its sessions.
 */
final class Lease {

    private final DataSource database;
    private final String name;

    /** Tells an operator where to look, and is another one after a restart. */
    private final String owner = "pid " + ProcessHandle.current().pid() + " on "
            + System.getenv().getOrDefault("HOSTNAME", "this machine") + ", " + UUID.randomUUID();

    Lease(DataSource database, String name) {
        this.database = database;
        this.name = name;
    }

    /**
     * Takes or renews the lease.
     *
     * @param duration from now on
     * @return the epoch, which is another one whenever somebody else was the owner in between; empty if somebody else is now
     */
    OptionalLong hold(Duration duration) throws SQLException {
        String sql = """
                INSERT INTO outbox_relay AS held (name, owner, epoch, expires_at)
                VALUES (?, ?, 1, clock_timestamp() + ? * interval '1 millisecond')
                ON CONFLICT (name) DO UPDATE SET
                  owner = excluded.owner,
                  epoch = held.epoch + CASE WHEN held.owner = excluded.owner THEN 0 ELSE 1 END,
                  expires_at = excluded.expires_at
                WHERE held.owner = excluded.owner OR held.expires_at < clock_timestamp()
                RETURNING epoch""";
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            statement.setString(2, owner);
            statement.setLong(3, duration.toMillis());
            try (var rows = statement.executeQuery()) {
                return rows.next() ? OptionalLong.of(rows.getLong(1)) : OptionalLong.empty();
            }
        }
    }

    /** Gives the lease back, so that another one need not wait for its end. */
    void release() throws SQLException {
        String sql = "UPDATE outbox_relay SET expires_at = '-infinity' WHERE name = ? AND owner = ?";
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            statement.setString(2, owner);
            statement.executeUpdate();
        }
    }
}
