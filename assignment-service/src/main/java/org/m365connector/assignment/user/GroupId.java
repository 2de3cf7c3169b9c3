package org.m365connector.assignment.user;

/** The id of a group or role in an address. */
record GroupId(String value) {
    /** @throws IllegalArgumentException where it cannot be one */
    GroupId {
        if (!GroupProfile.isId(value)) {
            throw new IllegalArgumentException("not the id of a group or role");
        }
    }
}
