package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The name of a registration, unique in its portal. */
public record RegistrationName(@JsonValue String value) implements Comparable<RegistrationName> {

    private static final Shape SHAPE =
            Shape.of("[a-zA-Z0-9]{1,64}", 64, Shape.range('a', 'z') + Shape.range('A', 'Z') + Shape.range('0', '9'));

    /** @throws IllegalArgumentException where the text does not have the shape */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public RegistrationName {
        if (!SHAPE.fits(value)) {
            throw new IllegalArgumentException("not a registration's name (" + SHAPE.pattern() + ")");
        }
    }

    @Override
    public int compareTo(RegistrationName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
