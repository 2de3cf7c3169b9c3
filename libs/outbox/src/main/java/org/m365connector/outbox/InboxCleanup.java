package org.m365connector.outbox;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** Forgets what the inbox has kept long enough; in slices, so that nobody waits for it. */
final class InboxCleanup {

    private static final int SLICE = 10_000;

    private InboxCleanup() {}

    /** @return whether there may be more */
    static boolean slice(Connection connection, Duration retention) throws SQLException {
        String sql = """
                DELETE FROM inbox WHERE ctid = ANY (ARRAY(
                  SELECT ctid FROM inbox WHERE received_at < now() - ? * interval '1 second' LIMIT ?))""";
        try (var statement = connection.prepareStatement(sql)) {
            statement.setLong(1, retention.toSeconds());
            statement.setInt(2, SLICE);
            return statement.executeUpdate() == SLICE;
        }
    }
}
