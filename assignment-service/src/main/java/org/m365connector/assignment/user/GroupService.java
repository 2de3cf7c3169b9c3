package org.m365connector.assignment.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import org.m365connector.assignment.history.Cause;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.events.PortalId;
import org.m365connector.problem.ProblemException;

/** Keeps the groups and roles that a portal tells of, and lets follow what depends on them. */
@ApplicationScoped
class GroupService {
    private final KnownGroups groups;
    private final PortalLock locks;
    private final UserDependents dependents;
    private final Clock clock;

    GroupService(KnownGroups groups, PortalLock locks, UserDependents dependents, Clock clock) {
        this.groups = groups;
        this.locks = locks;
        this.dependents = dependents;
        this.clock = clock;
    }

    /** From now on it is exactly this; nothing changes where the word does not count. */
    @Transactional
    void put(PortalId portal, GroupKind kind, String id, GroupProfile profile, Word word) {
        locks.share(portal);
        dependents.lockAlone(portal);
        if (!word.counts()) {
            return;
        }
        var known = groups.findLocked(portal, kind, id);
        var group = known.orElseGet(() -> new KnownGroup(portal, kind, id));
        boolean matters = group.become(profile, clock.instant());
        if (known.isEmpty()) {
            groups.persist(group);
        }
        groups.flush();
        if (matters) {
            dependents.groupChanged(portal, kind, id);
        }
    }

    /** It is gone, with all that was assigned to it. */
    @Transactional
    void remove(PortalId portal, GroupKind kind, String id, Word word, Cause cause) {
        locks.share(portal);
        dependents.lockAlone(portal);
        if (!word.counts()) {
            return;
        }
        groups.findLocked(portal, kind, id).ifPresent(groups::delete);
        groups.flush();
        dependents.groupRemoved(portal, kind, id, cause);
    }

    @Transactional
    GroupView group(PortalId portal, String id) {
        return find(portal, GroupKind.GROUP, id).view();
    }

    @Transactional
    RoleView role(PortalId portal, String id) {
        return find(portal, GroupKind.ROLE, id).roleView();
    }

    /**
     * A caller is told at once what an event would only be ignored for.
     *
     * @throws ProblemException {@code groups-nested-too-deep}, {@code group-within-itself}
     */
    @Transactional
    void requireTree(PortalId portal, String id, GroupProfile profile) {
        var above = groups.nesting(portal, profile.memberOf());
        if (above.placesOf(profile.memberOf()).stream()
                .anyMatch(place -> place.group().equals(id))) {
            throw new ProblemException(AssignmentProblem.GROUP_WITHIN_ITSELF, id);
        }
        if (above.levelsFrom(profile.memberOf()) + groups.levelsBelow(portal, id) > Nesting.MOST_LEVELS) {
            throw new ProblemException(AssignmentProblem.GROUPS_NESTED_TOO_DEEP, id, Nesting.MOST_LEVELS);
        }
    }

    private KnownGroup find(PortalId portal, GroupKind kind, String id) {
        return groups.find(portal, kind, id)
                .orElseThrow(() -> new ProblemException(AssignmentProblem.GROUP_UNKNOWN, portal, id));
    }
}
