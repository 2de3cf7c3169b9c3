package org.m365connector.view;

import java.util.Objects;

/** A value and its version; versions of one key rise in the order in which its writer committed them. */
public record Versioned<V>(long version, V value) {
    public Versioned {
        Objects.requireNonNull(value, "value");
    }
}
