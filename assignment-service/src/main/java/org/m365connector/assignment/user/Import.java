package org.m365connector.assignment.user;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.m365connector.events.PortalUser;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** Many users, groups and roles as a caller writes them. Where one is wrong nothing is taken, and the answer says which. */
record Import(
        List<ToldGroup> groups,
        List<ToldRole> roles,
        List<ToldUser> users,
        @JsonAnySetter @Schema(hidden = true) Map<String, Object> unknown) {
    private static final Set<String> SHOWN = Set.of("changedAt");

    record ToldGroup(
            String group,
            Optional<String> name,
            Optional<Integer> priority,
            List<String> memberOf,
            @JsonAnySetter @Schema(hidden = true) Map<String, Object> unknown) {
        @JsonCreator
        ToldGroup {}

        GroupProfile profile() {
            return new GroupProfile(name, priority == null ? 0 : priority.orElse(0), memberOf);
        }
    }

    record ToldRole(
            String role,
            Optional<String> name,
            @JsonAnySetter @Schema(hidden = true) Map<String, Object> unknown) {
        @JsonCreator
        ToldRole {}

        GroupProfile profile() {
            return GroupProfile.ofRole(name);
        }
    }

    record ToldUser(
            String portaluser,
            Map<String, String> fields,
            List<String> groups,
            List<String> roles,
            @JsonAnySetter @Schema(hidden = true) Map<String, Object> unknown) {
        @JsonCreator
        ToldUser {}

        PortalUser id() {
            var user = new PortalUser(portaluser);
            UserService.requireUsable(user);
            return user;
        }

        UserProfile profile() {
            return new UserProfile(fields, groups, roles);
        }
    }

    @JsonCreator
    Import {
        groups = groups == null ? List.of() : new ArrayList<>(groups);
        roles = roles == null ? List.of() : new ArrayList<>(roles);
        users = users == null ? List.of() : new ArrayList<>(users);
    }

    /** The groups by id, checked. */
    Map<String, GroupProfile> checkedGroups() {
        return checked(
                "groups", groups, told -> new GroupId(told.group()).value(), ToldGroup::profile, ToldGroup::unknown);
    }

    /** The roles by id, checked. */
    Map<String, GroupProfile> checkedRoles() {
        return checked("roles", roles, told -> new GroupId(told.role()).value(), ToldRole::profile, ToldRole::unknown);
    }

    /** The users by id, checked. */
    SortedMap<PortalUser, UserProfile> checkedUsers() {
        return checked("users", users, ToldUser::id, ToldUser::profile, ToldUser::unknown);
    }

    private <T, K extends Comparable<K>, V> SortedMap<K, V> checked(
            String list,
            List<T> told,
            Function<T, K> id,
            Function<T, V> profile,
            Function<T, Map<String, Object>> unknown) {
        BodyCheck.refuseUnknown("", this.unknown, Set.of());
        var checked = new TreeMap<K, V>();
        for (int i = 0; i < told.size(); i++) {
            if (told.get(i) != null) {
                BodyCheck.refuseUnknown("/" + list + "/" + i, unknown.apply(told.get(i)), SHOWN);
            }
            try {
                if (checked.put(id.apply(told.get(i)), profile.apply(told.get(i))) != null) {
                    throw new IllegalArgumentException("told twice");
                }
            } catch (IllegalArgumentException | NullPointerException e) {
                throw new ProblemException(RequestProblem.INVALID_REQUEST)
                        .with("parameter", list + "[" + i + "]")
                        .causedBy(e);
            }
        }
        return checked;
    }
}
