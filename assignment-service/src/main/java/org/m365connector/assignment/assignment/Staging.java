package org.m365connector.assignment.assignment;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.stream.Collectors;
import org.m365connector.events.AccountName;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** The rows of an import in a table that lives as long as the transaction, sent there by COPY as they are read. */
final class Staging implements AutoCloseable {
    static final String TABLE = "import_row";

    private static final int PIECE = 64 * 1024;

    private final CopyIn copy;
    private final StringBuilder piece = new StringBuilder(2 * PIECE);

    private Staging(CopyIn copy) {
        this.copy = copy;
    }

    static Staging on(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("create temporary table " + TABLE + """
                     (line bigint not null, kind text not null, id text not null, accounts text[] not null,
                    default_account text not null, narrowing jsonb) on commit drop""");
        }
        return new Staging(connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("copy " + TABLE + " (line, kind, id, accounts, default_account, narrowing) from stdin"));
    }

    void add(ImportRow row) throws SQLException {
        piece.append(row.line())
                .append('\t')
                .append(row.principal().kind().name())
                .append('\t')
                .append(escaped(row.principal().id()))
                .append('\t')
                .append(row.accounts().names().stream()
                        .map(AccountName::value)
                        // An account may be called null.
                        .collect(Collectors.joining("\",\"", "{\"", "\"}")))
                .append('\t')
                .append(row.accounts().preferred().value())
                .append('\t')
                .append(
                        row.leavesNarrowing()
                                ? "\\N"
                                : escaped(NarrowingJson.write(row.accounts().narrowing())))
                .append('\n');
        if (piece.length() > PIECE) {
            send();
        }
    }

    /** All rows are there. */
    void finish() throws SQLException {
        send();
        copy.endCopy();
    }

    private void send() throws SQLException {
        byte[] bytes = piece.toString().getBytes(StandardCharsets.UTF_8);
        copy.writeToCopy(bytes, 0, bytes.length);
        piece.setLength(0);
    }

    @Override
    public void close() throws SQLException {
        if (copy.isActive()) {
            copy.cancelCopy();
        }
    }

    /** For COPY's text format. Control characters no id has. */
    private static String escaped(String text) {
        return text.replace("\\", "\\\\");
    }
}
