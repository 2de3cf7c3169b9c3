package org.m365connector.assignment.assignment;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.stream.Collectors;
import org.m365connector.events.AccountName;
import org.postgresql.PGConnection;

/** The rows of an import: first in files, as PostgreSQL's COPY takes them, then in tables that live as long as the transaction. */
final class Staging implements AutoCloseable {
    private final Spool rows;
    private final Spool knownUsers;

    Staging(TransferConfig config) {
        rows = Spool.open(config.directory());
        knownUsers = Spool.open(config.directory());
    }

    void add(ImportRow row) {
        var text = row.line()
                + "\t"
                + row.principal().kind().name()
                + "\t"
                + escaped(row.principal().id())
                + "\t"
                + row.accounts().names().stream()
                        .map(AccountName::value)
                        // An account may be called null.
                        .collect(Collectors.joining("\",\"", "{\"", "\"}"))
                + "\t"
                + row.accounts().preferred().value()
                + "\t"
                + (row.leavesNarrowing()
                        ? "\\N"
                        : escaped(NarrowingJson.write(row.accounts().narrowing())))
                + "\n";
        write(rows.out(), text);
    }

    /** The portal had told of this one when the file was read. */
    void addKnown(String portalUser) {
        write(knownUsers.out(), escaped(portalUser) + "\n");
    }

    /** All of it into {@code import_row} and {@code import_known_user}. */
    void load(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("""
                    create temporary table import_row (line bigint not null, kind text not null, id text not null,
                    accounts text[] not null, default_account text not null, narrowing jsonb) on commit drop""");
            statement.execute("create temporary table import_known_user (id text not null) on commit drop");
        }
        copy(connection, "import_row (line, kind, id, accounts, default_account, narrowing)", rows);
        copy(connection, "import_known_user (id)", knownUsers);
        try (var statement = connection.createStatement()) {
            statement.execute("analyze import_row");
            statement.execute("analyze import_known_user");
        }
    }

    private static void copy(Connection connection, String table, Spool from) throws SQLException {
        try {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("copy " + table + " from stdin with (encoding 'UTF8')", from.in(), 64 * 1024);
        } catch (IOException e) {
            throw new UncheckedIOException("what was read cannot be read again", e);
        }
    }

    @Override
    public void close() {
        try (rows) {
            knownUsers.close();
        }
    }

    private static void write(OutputStream out, String text) {
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("a row cannot be kept", e);
        }
    }

    /** For COPY's text format. Control characters no id has. */
    private static String escaped(String text) {
        return text.replace("\\", "\\\\");
    }
}
