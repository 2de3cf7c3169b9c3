package org.m365connector.graphproxy.capability;

/** The three kinds of login whose permissions Graph documents side by side. */
public enum LoginKind {
    /** A person, or an impersonal user, with a work or school account. */
    DELEGATED_WORK,
    /** A person with a personal Microsoft account. */
    DELEGATED_PERSONAL,
    /** The app itself. */
    APP_ONLY
}
