package org.m365connector.auth.setup;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One thing that was looked at.
 *
 * @param check what, {@code credential}; stable
 * @param subject of which there may be several: a host, a credential's id, an account, a feature
 * @param cure what to do, where something is to be done
 */
record Check(
        String check,
        String subject,
        Status status,
        String detail,
        Optional<String> cure,
        Optional<Permissions> permissions) {

    /** From good to bad, so that the worst of a list can be named. */
    public enum Status {
        OK,
        UNKNOWN,
        WARNING,
        FAILED;

        /** Public like the enum: the API description is made by calling it, and would show the names of the constants. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Permissions of Graph: those that are there, those that a feature lacks, those that no feature needs. */
    record Permissions(List<String> granted, List<String> missing, List<String> superfluous) {}
}
