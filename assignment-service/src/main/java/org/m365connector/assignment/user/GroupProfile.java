package org.m365connector.assignment.user;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a portal tells of a group, or of a role, which has a name only.
 *
 * @param priority of a user's groups that with the highest decides
 * @param memberOf groups that it lies in
 */
public record GroupProfile(Optional<String> name, int priority, List<String> memberOf) {
    private static final int LONGEST_ID = 200;
    private static final int MOST_PARENTS = 100;

    /** @throws IllegalArgumentException where it cannot be kept, with a reason that repeats nothing of it */
    public GroupProfile {
        name = name == null ? Optional.empty() : name.filter(text -> !text.isBlank());
        memberOf = memberOf == null
                ? List.of()
                : memberOf.stream()
                        .filter(id -> id != null && !id.isBlank())
                        .distinct()
                        .sorted()
                        .toList();
        if (memberOf.size() > MOST_PARENTS || !memberOf.stream().allMatch(GroupProfile::isId)) {
            throw new IllegalArgumentException(
                    "a group lies in at most " + MOST_PARENTS + " groups of up to " + LONGEST_ID + " characters each");
        }
        if (Stream.concat(name.stream(), memberOf.stream()).anyMatch(text -> text.indexOf('\0') >= 0)) {
            throw new IllegalArgumentException("a group's name and memberships contain no NUL character");
        }
    }

    static GroupProfile ofRole(Optional<String> name) {
        return new GroupProfile(name, 0, List.of());
    }

    /** Whether that can be the id of a group or role. */
    public static boolean isId(String text) {
        return !text.isBlank() && text.length() <= LONGEST_ID && text.chars().noneMatch(Character::isISOControl);
    }
}
