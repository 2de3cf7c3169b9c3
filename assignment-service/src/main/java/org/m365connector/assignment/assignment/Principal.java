package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;
import org.m365connector.events.DecidingRule;
import org.m365connector.events.PortalUser;

/**
 * Whom an assignment is for. The {@code default} principal is everybody for whom nothing more specific is said; its id is
 * empty.
 */
public record Principal(
        Kind kind,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) String id) {
    public static final Principal DEFAULT = new Principal(Kind.DEFAULT, "");

    /** Kinds of principals, the most specific first. */
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

    public static Principal user(PortalUser user) {
        return new Principal(Kind.USER, user.value());
    }

    /** As a record says that the assignment for this principal decided. */
    DecidingRule deciding() {
        return switch (kind) {
            case USER -> new DecidingRule(DecidingRule.Kind.USER, Optional.empty());
            case GROUP -> new DecidingRule(DecidingRule.Kind.GROUP, Optional.of(id));
            case ROLE -> new DecidingRule(DecidingRule.Kind.ROLE, Optional.of(id));
            case DEFAULT -> new DecidingRule(DecidingRule.Kind.DEFAULT, Optional.empty());
        };
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(java.util.Locale.ROOT) + (id.isEmpty() ? "" : " " + id);
    }
}
