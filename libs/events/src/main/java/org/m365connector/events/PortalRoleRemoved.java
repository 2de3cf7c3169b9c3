package org.m365connector.events;

/** A portal tells that one of its roles is gone, key {@code role:} and the role. A tombstone with the same key says the same. */
public record PortalRoleRemoved(String role) {

    public static final String TYPE = "portal-role-removed.v1";

    public PortalRoleRemoved {
        if (role == null || role.isBlank()) {
            throw new IllegalArgumentException("role is missing");
        }
    }
}
