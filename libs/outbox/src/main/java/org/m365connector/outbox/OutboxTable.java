package org.m365connector.outbox;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The statements on the table {@code outbox}. */
final class OutboxTable {

    /** What the error column keeps of an error. */
    private static final int ERROR_LENGTH = 500;

    private static final String COLUMNS = "id, created_at, attempts, topic, key, headers, value";

    private OutboxTable() {}

    /** Adds a row and, when the transaction commits, wakes the relay. */
    static void insert(Connection connection, ProducerRecord<String, byte[]> record) throws SQLException {
        String sql = """
                WITH added AS (INSERT INTO outbox (topic, key, headers, value) VALUES (?, ?, ?::jsonb, ?) RETURNING id)
                SELECT pg_notify('outbox.' || current_schema(), '') FROM added""";
        try (var statement = connection.prepareStatement(sql)) {
            statement.setString(1, record.topic());
            statement.setString(2, record.key());
            statement.setString(3, HeaderJson.write(record.headers()));
            statement.setBytes(4, record.value());
            statement.execute();
        }
    }

    /** The same for many, in their order. */
    static void insert(Connection connection, List<ProducerRecord<String, byte[]>> records) throws SQLException {
        String sql = "INSERT INTO outbox (topic, key, headers, value) VALUES (?, ?, ?::jsonb, ?)";
        try (var statement = connection.prepareStatement(sql)) {
            for (var record : records) {
                statement.setString(1, record.topic());
                statement.setString(2, record.key());
                statement.setString(3, HeaderJson.write(record.headers()));
                statement.setBytes(4, record.value());
                statement.addBatch();
            }
            statement.executeBatch();
        }
        try (var statement = connection.prepareStatement("SELECT pg_notify('outbox.' || current_schema(), '')")) {
            statement.execute();
        }
    }

    /**
     * Rows that may be sent now, by id: due, and not behind a refused row of the same topic and key. The first one is
     * always among them, however large it is. One moment is asked for all rows, else a row could become due between being
     * looked at itself and being looked at as the one that blocks another, and be overtaken.
     */
    static List<OutboxRow> due(Connection connection, int maxRows, long maxBytes) throws SQLException {
        String sql = """
                SELECT %1$s FROM (
                  SELECT *, sum(coalesce(octet_length(value), 0)) OVER (ORDER BY id) - coalesce(octet_length(value), 0) AS before
                  FROM (
                    SELECT %1$s FROM outbox o
                    WHERE next_attempt_at <= statement_timestamp()
                      AND NOT EXISTS (
                        SELECT 1 FROM outbox refused
                        WHERE refused.attempts > 0
                          AND refused.next_attempt_at > statement_timestamp()
                          AND refused.topic = o.topic
                          AND refused.key IS NOT DISTINCT FROM o.key
                          AND refused.id < o.id)
                    ORDER BY id
                    LIMIT ?) due) measured
                WHERE before < ?
                ORDER BY id""".formatted(COLUMNS);
        try (var statement = connection.prepareStatement(sql)) {
            statement.setInt(1, maxRows);
            statement.setLong(2, maxBytes);
            try (var rows = statement.executeQuery()) {
                return read(rows);
            }
        }
    }

    static List<OutboxRow> byIds(Connection connection, Collection<Long> ids) throws SQLException {
        String sql = "SELECT %s FROM outbox WHERE id = ANY (?) ORDER BY id".formatted(COLUMNS);
        try (var statement = connection.prepareStatement(sql)) {
            statement.setArray(1, connection.createArrayOf("bigint", ids.toArray()));
            try (var rows = statement.executeQuery()) {
                return read(rows);
            }
        }
    }

    static void delete(Connection connection, Collection<Long> ids) throws SQLException {
        try (var statement = connection.prepareStatement("DELETE FROM outbox WHERE id = ANY (?)")) {
            statement.setArray(1, connection.createArrayOf("bigint", ids.toArray()));
            statement.executeUpdate();
        }
    }

    static void refused(Connection connection, long id, String error, Duration pause) throws SQLException {
        String sql = """
                UPDATE outbox SET attempts = attempts + 1, last_error = ?,
                  next_attempt_at = clock_timestamp() + ? * interval '1 millisecond'
                WHERE id = ?""";
        try (var statement = connection.prepareStatement(sql)) {
            statement.setString(1, error.substring(0, Math.min(error.length(), ERROR_LENGTH)));
            statement.setLong(2, pause.toMillis());
            statement.setLong(3, id);
            statement.executeUpdate();
        }
    }

    /** What waits. */
    record Backlog(long rows, long refused, double oldestSeconds) {}

    static Backlog backlog(Connection connection) throws SQLException {
        String sql = """
                SELECT count(*), count(*) FILTER (WHERE attempts > 0),
                  coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)
                FROM outbox""";
        try (var statement = connection.prepareStatement(sql);
                var rows = statement.executeQuery()) {
            rows.next();
            return new Backlog(rows.getLong(1), rows.getLong(2), rows.getDouble(3));
        }
    }

    private static List<OutboxRow> read(ResultSet rows) throws SQLException {
        var list = new ArrayList<OutboxRow>();
        while (rows.next()) {
            Instant createdAt = rows.getTimestamp("created_at").toInstant();
            byte[] value = rows.getBytes("value");
            // An event says itself when it was. An end says it so, however much later it is sent: readers tell by it
            // what
            // came before.
            Long timestamp = value == null ? createdAt.toEpochMilli() : null;
            var record = new ProducerRecord<>(
                    rows.getString("topic"),
                    null,
                    timestamp,
                    rows.getString("key"),
                    value,
                    HeaderJson.read(rows.getString("headers")));
            list.add(new OutboxRow(rows.getLong("id"), createdAt, rows.getInt("attempts"), record));
        }
        return list;
    }
}
