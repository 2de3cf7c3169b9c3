package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;

/**
 * Which assignment decides what a portal user may use: one for himself, else for one of his groups, else for one of his roles, else
 * the default.
 *
 * @param name of the group or role; empty for the user himself, whom the record names already, and for the default
 */
public record DecidingRule(Kind kind, Optional<String> name) {

    /** For whom the assignment is. */
    public enum Kind {
        @JsonProperty("user")
        USER,
        @JsonProperty("group")
        GROUP,
        @JsonProperty("role")
        ROLE,
        @JsonProperty("default")
        DEFAULT
    }

    public DecidingRule {
        name = name == null ? Optional.empty() : name;
    }
}
