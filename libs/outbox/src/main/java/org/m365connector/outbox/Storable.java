package org.m365connector.outbox;

import java.sql.SQLException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** What PostgreSQL can store, and what it never can however often one tries. */
final class Storable {

    private static final char NUL = '\0';
    private static final char IN_ITS_PLACE = '\uFFFD';

    private Storable() {}

    static boolean isKey(String key) {
        return key == null || key.indexOf(NUL) < 0;
    }

    /** The text with a replacement character for each NUL. */
    static String text(String text) {
        return text == null ? null : text.replace(NUL, IN_ITS_PLACE);
    }

    static Header header(Header header) {
        return isKey(header.key()) ? header : new RecordHeader(text(header.key()), header.value());
    }

    /**
     * Whether the database refused a value for what it is (SQLSTATE class 22, data exception, and 54, program limit exceeded), so
     * that trying again cannot help.
     */
    static boolean isRefusedByNature(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState().startsWith("22") || sql.getSQLState().startsWith("54");
            }
        }
        return false;
    }
}
