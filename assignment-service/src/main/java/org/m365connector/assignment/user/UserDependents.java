package org.m365connector.assignment.user;

import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;

/** What follows from a change of a portal's user, in the same transaction. */
public interface UserDependents {
    /** Comes first: locks whatever the other two will read. */
    void lock(PortalId portal);

    void changed(KnownUser user);

    void removed(PortalId portal, PortalUser user);
}
