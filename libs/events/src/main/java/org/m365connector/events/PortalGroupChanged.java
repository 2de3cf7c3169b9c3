package org.m365connector.events;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A portal tells of one of its groups, key {@code group:} and the group. Who belongs to it is told with the users.
 *
 * @param group as the users name it
 * @param name for people to read
 * @param priority of a user's groups that with the highest decides; 0 where it is missing
 * @param memberOf groups that this one lies in: its users belong to them too
 */
public record PortalGroupChanged(
        String group, Optional<String> name, Optional<Integer> priority, List<String> memberOf) {

    public static final String TYPE = "portal-group-changed.v1";

    public PortalGroupChanged {
        if (group == null || group.isBlank()) {
            throw new IllegalArgumentException("group is missing");
        }
        name = name == null ? Optional.empty() : name;
        priority = priority == null ? Optional.empty() : priority;
        memberOf = memberOf == null
                ? List.of()
                : memberOf.stream().filter(Objects::nonNull).toList();
    }

    /** Key on the users topic. */
    public static String key(String group) {
        return "group:" + group;
    }
}
