package org.m365connector.assignment.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.assignment.history.Cause;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.PortalGroupChanged;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRoleChanged;
import org.m365connector.events.PortalUser;
import org.m365connector.problem.ProblemException;

/** Keeps the users that a portal tells of, and lets follow what depends on them. */
@ApplicationScoped
class UserService {
    private static final Logger LOG = Logger.getLogger(UserService.class);

    private final KnownUsers users;
    private final TechnicalUsers technicalUsers;
    private final PortalLock locks;
    private final UserDependents dependents;
    private final Clock clock;

    UserService(
            KnownUsers users, TechnicalUsers technicalUsers, PortalLock locks, UserDependents dependents, Clock clock) {
        this.users = users;
        this.technicalUsers = technicalUsers;
        this.locks = locks;
        this.dependents = dependents;
        this.clock = clock;
    }

    /** From now on the user is exactly this; nothing changes where the word does not count. */
    @Transactional
    void put(PortalId portal, PortalUser portalUser, UserProfile profile, Word word) {
        requireUsable(portalUser);
        locks.share(portal);
        dependents.lock(portal);
        if (!word.counts()) {
            return;
        }
        var user = users.lockedOrNew(portal, portalUser);
        user.become(profile, clock.instant());
        users.flush();
        dependents.changed(portal, portalUser);
    }

    /**
     * The user is gone, and everything that was given to him in person. Does nothing where he is not known or the word does not
     * count.
     */
    @Transactional
    void remove(PortalId portal, PortalUser portalUser, Word word, Cause cause) {
        requireUsable(portalUser);
        locks.share(portal);
        dependents.lock(portal);
        if (!word.counts()) {
            return;
        }
        users.findLocked(portal, portalUser).ifPresent(users::delete);
        users.flush();
        if (technicalUsers.end(portal, Optional.of(portalUser))) {
            dependents.technicalUserChanged(portal);
        }
        dependents.removed(portal, portalUser, cause);
    }

    @Transactional
    UserView get(PortalId portal, PortalUser portalUser) {
        return users.find(portal, portalUser)
                .map(KnownUser::view)
                .orElseThrow(() -> new ProblemException(AssignmentProblem.PORTAL_USER_UNKNOWN, portal, portalUser));
    }

    @Transactional
    Optional<PortalUser> technicalUser(PortalId portal) {
        return technicalUsers.find(portal);
    }

    /** From now on processes without a user run as this one, whom the portal has told of. */
    @Transactional
    void declareTechnicalUser(PortalId portal, PortalUser portalUser) {
        locks.share(portal);
        dependents.lockAlone(portal);
        get(portal, portalUser);
        technicalUsers.declare(portal, portalUser, clock.instant());
        dependents.technicalUserChanged(portal);
        LOG.infof("technical user declared portal=%s portaluser=%s", portal, portalUser);
    }

    /** Processes without a user do not run any more. */
    @Transactional
    void endTechnicalUser(PortalId portal) {
        locks.share(portal);
        dependents.lockAlone(portal);
        if (technicalUsers.end(portal, Optional.empty())) {
            dependents.technicalUserChanged(portal);
            LOG.infof("technical user ended portal=%s", portal);
        }
    }

    static void requireUsable(PortalUser portalUser) {
        if (isReserved(portalUser)) {
            throw new ProblemException(AssignmentProblem.PORTAL_USER_RESERVED, portalUser);
        }
    }

    /** {@code default} on {@code m365.assignments} is everybody's record, {@code group:…} on the users topic is a group. */
    static boolean isReserved(PortalUser portalUser) {
        return portalUser.equals(AssignmentsRecord.DEFAULT)
                || portalUser.value().startsWith(PortalGroupChanged.key(""))
                || portalUser.value().startsWith(PortalRoleChanged.key(""));
    }
}
