package org.m365connector.assignment.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Optional;
import org.m365connector.assignment.history.History;
import org.m365connector.events.PortalId;

/** Nothing is known any more of the people of a portal that is gone. */
@ApplicationScoped
public class PortalEnd {
    private final KnownUsers users;
    private final KnownGroups groups;
    private final TechnicalUsers technicalUsers;
    private final PortalLock locks;
    private final History history;

    PortalEnd(KnownUsers users, KnownGroups groups, TechnicalUsers technicalUsers, PortalLock locks, History history) {
        this.users = users;
        this.groups = groups;
        this.technicalUsers = technicalUsers;
        this.locks = locks;
        this.history = history;
    }

    /** After its registrations have ended. */
    @Transactional
    public void forget(PortalId portal) {
        locks.exclude(portal);
        technicalUsers.end(portal, Optional.empty());
        users.deleteAll(portal);
        groups.deleteAll(portal);
        history.forgetAll(portal);
    }
}
