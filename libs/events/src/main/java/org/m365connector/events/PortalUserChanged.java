package org.m365connector.events;

import java.util.List;
import java.util.Map;

/**
 * A portal tells of one of its users, key the portal user.
 *
 * @param fields the fields of the portal's user schema that matter here, {@code emailBiz} among them
 */
public record PortalUserChanged(
        PortalUser portaluser, Map<String, String> fields, List<String> groups, List<String> roles) {

    public static final String TYPE = "portal-user-changed.v1";

    public PortalUserChanged {
        if (portaluser == null) {
            throw new IllegalArgumentException("portaluser is missing");
        }
        fields = fields == null ? Map.of() : Map.copyOf(fields);
        groups = groups == null ? List.of() : List.copyOf(groups);
        roles = roles == null ? List.of() : List.copyOf(roles);
    }
}
