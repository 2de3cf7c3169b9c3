package org.m365connector.events;

/** A portal tells that one of its users is gone, key the portal user. A tombstone with the same key says the same. */
public record PortalUserRemoved(PortalUser portaluser) {

    public static final String TYPE = "portal-user-removed.v1";

    public PortalUserRemoved {
        if (portaluser == null) {
            throw new IllegalArgumentException("portaluser is missing");
        }
    }
}
