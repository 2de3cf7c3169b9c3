package org.m365connector.outbox;

import java.sql.SQLException;

/** The database failed or is away. */
public final class DatabaseException extends RuntimeException {

    DatabaseException(String message, SQLException cause) {
        super(message, cause);
    }
}
