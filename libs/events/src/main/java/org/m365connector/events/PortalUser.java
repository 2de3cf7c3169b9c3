package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** A user of a portal: its Intrexx GUID (40 upper-case hex digits), to us an opaque string of 1 to 64 printable ASCII characters without {@code /}. */
public record PortalUser(@JsonValue String value) implements Comparable<PortalUser> {

    private static final Shape SHAPE = Shape.of("[!-.0-~]{1,64}", 64, Shape.range('!', '.') + Shape.range('0', '~'));

    /** @throws IllegalArgumentException where the text does not have the shape */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public PortalUser {
        if (!SHAPE.fits(value)) {
            throw new IllegalArgumentException("not a portal user's id (" + SHAPE.pattern() + ")");
        }
    }

    @Override
    public int compareTo(PortalUser other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
