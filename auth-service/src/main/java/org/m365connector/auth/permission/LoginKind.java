package org.m365connector.auth.permission;

/** The kinds of login that Microsoft's permission metadata tells apart. */
public enum LoginKind {
    DELEGATED_WORK("DelegatedWork"),
    DELEGATED_PERSONAL("DelegatedPersonal"),
    APPLICATION("Application");

    private final String column;

    LoginKind(String column) {
        this.column = column;
    }

    /** What the metadata calls it. */
    String column() {
        return column;
    }
}
