package org.m365connector.events;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

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
        fields = withoutNulls(fields);
        groups = withoutNulls(groups);
        roles = withoutNulls(roles);
    }

    /** An empty field of a portal's user is a JSON null. */
    private static Map<String, String> withoutNulls(Map<String, String> fields) {
        return fields == null
                ? Map.of()
                : fields.entrySet().stream()
                        .filter(field -> field.getValue() != null)
                        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static List<String> withoutNulls(List<String> names) {
        return names == null
                ? List.of()
                : names.stream().filter(Objects::nonNull).toList();
    }
}
