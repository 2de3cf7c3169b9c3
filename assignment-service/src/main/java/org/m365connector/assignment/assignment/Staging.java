package org.m365connector.assignment.assignment;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import java.util.stream.Collectors;
import org.m365connector.events.AccountName;
import org.postgresql.PGConnection;

/** The rows of an import: first in a file, as PostgreSQL's COPY takes them, then in the table {@code import_row}. */
final class Staging implements AutoCloseable {
    private final UUID id;
    private final Spool rows;

    /** @param id of the import */
    Staging(UUID id, TransferConfig config) {
        this.id = id;
        rows = Spool.open(config.directory());
    }

    void add(ImportRow row) {
        var text = id
                + "\t"
                + row.line()
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

    /** All of it into {@code import_row}. */
    void load(Connection connection) throws SQLException {
        try {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn(
                            "copy import_row (import_id, line, kind, id, accounts, default_account, narrowing)"
                                    + " from stdin with (encoding 'UTF8')",
                            rows.in(),
                            64 * 1024);
        } catch (IOException e) {
            throw new UncheckedIOException("what was read cannot be read again", e);
        }
        try (var statement = connection.createStatement()) {
            statement.execute("analyze import_row");
        }
    }

    @Override
    public void close() {
        rows.close();
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
