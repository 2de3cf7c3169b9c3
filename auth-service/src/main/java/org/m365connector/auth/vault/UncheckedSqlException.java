package org.m365connector.auth.vault;

import java.sql.SQLException;

/** The database does not answer, where nobody can do anything about it but ask again. */
public class UncheckedSqlException extends RuntimeException {

    private static final long serialVersionUID = 1;

    UncheckedSqlException(String message, SQLException cause) {
        super(message, cause);
    }
}
