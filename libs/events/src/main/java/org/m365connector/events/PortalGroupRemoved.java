package org.m365connector.events;

/** A portal tells that one of its groups is gone, key {@code group:} and the group. A tombstone with the same key says the same. */
public record PortalGroupRemoved(String group) {

    public static final String TYPE = "portal-group-removed.v1";

    public PortalGroupRemoved {
        if (group == null || group.isBlank()) {
            throw new IllegalArgumentException("group is missing");
        }
    }
}
