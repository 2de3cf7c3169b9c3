package org.m365connector.assignment.user;

import org.m365connector.assignment.history.Cause;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;

/** What follows from a change of a portal's users, groups and roles, in the same transaction. */
public interface UserDependents {
    /** Comes first where a user changes: locks whatever the others will read. Those who change other users may share it. */
    void lock(PortalId portal);

    /** Comes first where a group or role changes, which may matter for everybody. */
    void lockAlone(PortalId portal);

    void changed(PortalId portal, PortalUser user);

    void removed(PortalId portal, PortalUser user, Cause cause);

    /** A group has another priority, or lies in other groups. */
    void groupChanged(PortalId portal, GroupKind kind, String id);

    void groupRemoved(PortalId portal, GroupKind kind, String id, Cause cause);

    /** Another portal user is the technical one, or none. */
    void technicalUserChanged(PortalId portal);
}
