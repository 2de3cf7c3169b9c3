package org.m365connector.assignment.user;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a portal tells of a user. Fields and names without a value are left out, repeated groups and roles counted once.
 */
public record UserProfile(Map<String, String> fields, List<String> groups, List<String> roles) {
    public UserProfile {
        fields = withValues(fields);
        groups = distinct(groups);
        roles = distinct(roles);
        // The database stores no NUL. Found here it is the sender's mistake, found there it would look like an outage.
        if (Stream.of(fields.keySet(), fields.values(), groups, roles)
                .flatMap(Collection::stream)
                .anyMatch(text -> text.indexOf('\0') >= 0)) {
            throw new IllegalArgumentException("a user's fields, groups and roles contain no NUL character");
        }
    }

    private static Map<String, String> withValues(Map<String, String> fields) {
        var copy = new TreeMap<>(fields == null ? new HashMap<>() : fields);
        copy.values().removeIf(Objects::isNull);
        return copy;
    }

    private static List<String> distinct(Collection<String> names) {
        return names == null
                ? List.of()
                : names.stream()
                        .filter(name -> name != null && !name.isBlank())
                        .distinct()
                        .sorted()
                        .toList();
    }
}
