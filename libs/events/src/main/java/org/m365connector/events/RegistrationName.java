package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/** The name of a registration, unique in its portal. */
public record RegistrationName(@JsonValue String value) implements Comparable<RegistrationName> {

    private static final Pattern SHAPE = Pattern.compile("[a-zA-Z0-9]{1,64}");

    /** @throws IllegalArgumentException where the text does not have the shape */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public RegistrationName {
        if (value == null || !SHAPE.matcher(value).matches()) {
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
