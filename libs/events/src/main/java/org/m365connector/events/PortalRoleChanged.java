package org.m365connector.events;

import java.util.Optional;

/**
 * A portal tells of one of its roles, key {@code role:} and the role. Who holds it is told with the users.
 *
 * @param role as the users name it
 * @param name for people to read
 */
public record PortalRoleChanged(String role, Optional<String> name) {

    public static final String TYPE = "portal-role-changed.v1";

    public PortalRoleChanged {
        if (role == null || role.isBlank()) {
            throw new IllegalArgumentException("role is missing");
        }
        name = name == null ? Optional.empty() : name;
    }

    /** Key on the users topic. */
    public static String key(String role) {
        return "role:" + role;
    }
}
