package org.m365connector.emulator.graph.protocol;

/** The kind of login behind a token: one column of Microsoft's permission metadata each. */
public enum LoginKind {
    DELEGATED_WORK("DelegatedWork"),
    DELEGATED_PERSONAL("DelegatedPersonal"),
    APPLICATION("Application");

    private final String column;

    LoginKind(String column) {
        this.column = column;
    }

    /** The column's name in {@code permissions-by-call.json}. */
    String column() {
        return column;
    }
}
