package org.m365connector.assignment.user;

import java.util.Optional;

/** What a portal tells of a role. */
record RoleProfile(Optional<String> name) {
    RoleProfile {
        name = GroupProfile.ofRole(name).name();
    }
}
