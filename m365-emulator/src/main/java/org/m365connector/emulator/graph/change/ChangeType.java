package org.m365connector.emulator.graph.change;

import java.util.Locale;

public enum ChangeType {
    CREATED,
    UPDATED,
    DELETED;

    /** As in Graph's JSON. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
