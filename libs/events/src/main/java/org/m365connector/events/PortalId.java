package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** One Intrexx portal, a tenant of the suite. */
public record PortalId(@JsonValue String value) implements Comparable<PortalId> {

    private static final Shape SHAPE =
            Shape.of("[a-z0-9-]{1,40}", 40, Shape.range('a', 'z') + Shape.range('0', '9') + "-");

    /** @throws IllegalArgumentException where the text does not have the shape */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public PortalId {
        if (!SHAPE.fits(value)) {
            throw new IllegalArgumentException("not a portal id (" + SHAPE.pattern() + ")");
        }
    }

    /** Whether a text, or null, has the shape of a portal id. */
    public static boolean isValid(String text) {
        return SHAPE.fits(text);
    }

    @Override
    public int compareTo(PortalId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
