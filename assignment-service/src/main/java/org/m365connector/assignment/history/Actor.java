package org.m365connector.assignment.history;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.m365connector.events.PortalId;

/** Who changed something. */
public record Actor(Kind kind, String name) {
    /** An administrator, who has the one admin key. */
    public static final Actor ADMIN = new Actor(Kind.ADMIN, "admin-key");

    /** Kinds of those who can change something. */
    public enum Kind {
        @JsonProperty("admin")
        ADMIN,
        @JsonProperty("portal")
        PORTAL,
        @JsonProperty("system")
        SYSTEM
    }

    public static Actor portal(PortalId portal) {
        return new Actor(Kind.PORTAL, portal.value());
    }

    /** The suite itself. */
    public static Actor system(String event) {
        return new Actor(Kind.SYSTEM, event);
    }
}
