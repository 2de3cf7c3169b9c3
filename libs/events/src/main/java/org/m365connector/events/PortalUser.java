package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/** A user of a portal: its Intrexx GUID (40 upper-case hex digits), to us an opaque string of 1 to 64 printable ASCII characters without {@code /}. */
public record PortalUser(@JsonValue String value) implements Comparable<PortalUser> {

    private static final Pattern SHAPE = Pattern.compile("[!-.0-~]{1,64}");

    /** @throws IllegalArgumentException where the text does not have the shape */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public PortalUser {
        if (value == null || !SHAPE.matcher(value).matches()) {
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
